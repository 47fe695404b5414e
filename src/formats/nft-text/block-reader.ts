import type { NftFamily } from '#facts/nft.ts';
import type { Problem } from '#facts/result.ts';
import type { JsonObject } from '../json-fields.ts';
import { isIptablesChain } from '../nft-json/iptables-chains.ts';
import type { Scan } from '../nft-listing/jumps.ts';
import type { RulePlace } from '../nft-listing/listed-chain.ts';
import type { Listing } from '../nft-listing/listing.ts';
import { shown } from '../shown.ts';
import { chainHead, devicesIn } from './chain-head.ts';
import { priorityOf } from './priorities.ts';
import { type Token, Tokenizer } from './tokens.ts';

type Declare = (span: { readonly start: number; readonly end: number }) => JsonObject;

/** A statement of a block: from its first to its last word. */
interface Line {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly words: readonly string[];
  /** `# handle 7`. */
  readonly handle: number;
  /** It is followed by `{`, which is not taken. */
  readonly opens: boolean;
}

/** The end of a block, or of the listing in the middle of one. */
type Ended = 'closed' | 'cut';

const wholeLine = 64;

/** Finds tables, chains, sets and rules; what stands in rules is parsed when their chain is looked at. */
export class BlockReader {
  readonly #source: string;
  readonly #tokens: Tokenizer;
  readonly #text: string;
  /** Tables that iptables-nft made, by where they stand. */
  readonly #ofIptables: { readonly start: number; readonly end: number }[] = [];
  #token: Token;

  constructor(text: string, source: string) {
    this.#text = text;
    this.#source = source;
    this.#tokens = new Tokenizer(text, { start: 0, end: text.length, line: 1 });
    this.#token = this.#tokens.next();
  }

  mayBeTranslated(start: number): boolean {
    // They stand in the order of the text.
    let low = 0;
    let high = this.#ofIptables.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ofIptables[middle]?.end ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    return (this.#ofIptables[low]?.start ?? start + 1) <= start;
  }

  read(listing: Listing, declare: Declare): Problem | null {
    for (;;) {
      this.#skipEmpty();
      if (this.#token.kind === 'end') return null;
      const line = this.#line();
      const [keyword, family, name] = line.words;
      if (keyword === 'flush' || keyword === 'delete' || keyword === 'add' || keyword === 'destroy') {
        if (!line.opens) continue;
      }
      if (keyword !== 'table' || name === undefined || !line.opens) return this.#problem(line, 'a table, as nft lists the ruleset');
      const ended = this.#table({ listing, declare, family: family as NftFamily, table: name }, line);
      if (ended === 'cut')
        return { ...this.#problem(line, `'}' at the end of table ${name}`), found: 'the end of the file', line: this.#token.line };
    }
  }

  #table(of: Of, head: Line): Ended {
    this.#advance();
    of.listing.addTable({ family: of.family, name: of.table, handle: head.handle, flags: this.#tableFlags() }, head.line);
    const chains: JsonObject[] = [];
    for (;;) {
      this.#skipEmpty();
      if (this.#token.kind === 'end') return 'cut';
      if (this.#closes()) break;
      const line = this.#line();
      const [keyword, name] = line.words;
      if (!line.opens) continue;
      if (keyword === 'chain' && name !== undefined) {
        const chain = this.#chain(of, name, line);
        if (chain === 'cut') return 'cut';
        chains.push(chain);
      } else {
        const body = this.#skipBlock();
        if (body === null) return 'cut';
        this.#declaration(of, line, body);
      }
    }
    if (chains.some(isIptablesChain)) this.#ofIptables.push({ start: head.start, end: this.#token.start });
    this.#advance();
    return 'closed';
  }

  /** `flags dormant` stands first, before anything with braces. */
  #tableFlags(): readonly string[] {
    this.#skipEmpty();
    if (this.#token.text !== 'flags') return [];
    return this.#line()
      .words.slice(1)
      .filter((word) => word !== ',');
  }

  #declaration({ listing, declare, family, table }: Of, line: Line, body: { readonly start: number; readonly end: number }): void {
    const [keyword, name] = line.words;
    const place = { ...body, line: line.line };
    if (keyword === 'set' || keyword === 'map') listing.addSet({ ...declare(body), family, table, name, handle: line.handle }, place);
    if (keyword !== 'flowtable') return;
    const words = this.#wordsIn(body);
    const at = words.indexOf('priority');
    const end = words.findIndex((word, i) => i > at && word === ';');
    listing.addFlowtable({
      family,
      table,
      name,
      dev: devicesIn(words),
      prio: priorityOf(words.slice(at + 1, end < 0 ? undefined : end), family),
    });
  }

  #chain({ listing, family, table }: Of, name: string, head: Line): JsonObject | 'cut' {
    this.#advance();
    let chain: JsonObject | null = null;
    const declare = (more: JsonObject): JsonObject => {
      const declared = { family, table, name, handle: head.handle, ...more };
      listing.addChain(declared, head.line);
      return declared;
    };
    for (;;) {
      this.#skipEmpty();
      if (this.#token.kind === 'end') return 'cut';
      if (this.#closes()) break;
      const line = this.#line();
      const [first, second] = line.words;
      if (chain === null && first === 'type' && line.words.includes('hook')) {
        const policy = this.#policy();
        chain = declare({ ...chainHead(line.words, family), policy });
      } else if (!(first === 'comment' && line.words.length === 2) && !(first === 'flags' && second === 'offload')) {
        chain ??= declare({});
        listing.addRule({ family, table, chain: name }, scanOf(line.words), placeOf(line));
      }
    }
    this.#advance();
    return chain ?? declare({});
  }

  /** `policy drop;` behind the hook, in the same line. */
  #policy(): string {
    this.#skipEmpty();
    if (this.#token.text !== 'policy') return 'accept';
    return this.#line().words[1] ?? 'accept';
  }

  /** One statement up to the end of its line, or to the brace of a block that it opens. */
  #line(): Line {
    const { start, line } = this.#token;
    const words: string[] = [];
    let end = start;
    let depth = 0;
    let handle = 0;
    for (;;) {
      const token = this.#token;
      if (token.kind === 'end' || (depth === 0 && token.text === '}')) break;
      if (token.kind === 'comment') handle = Number(/^# handle (\d{1,15})/.exec(token.text)?.[1] ?? 0);
      if (token.kind === 'end-of-line' && depth === 0) break;
      if (token.text === '{' && depth === 0 && opensBlock(words))
        return { start, end, line, words, handle: this.#handleBehind(), opens: true };
      if (token.text === '{' && token.kind === 'mark') depth++;
      if (token.text === '}' && token.kind === 'mark') depth--;
      if (token.kind !== 'comment' && token.kind !== 'end-of-line') {
        end = token.end;
        words.push(token.text);
      }
      this.#advance();
    }
    return { start, end, line, words, handle, opens: false };
  }

  /** `chain c { # handle 1`. */
  #handleBehind(): number {
    const text = this.#text.slice(this.#token.end, this.#token.end + wholeLine);
    return Number(/^[ \t]*# handle (\d{1,15})/.exec(text)?.[1] ?? 0);
  }

  /** Passes over `{ ... }`; null where it does not end. */
  #skipBlock(): { readonly start: number; readonly end: number } | null {
    const start = this.#token.end;
    let depth = 0;
    for (;;) {
      const token = this.#token;
      if (token.kind === 'end') return null;
      if (token.kind === 'mark' && token.text === '{') depth++;
      if (token.kind === 'mark' && token.text === '}' && --depth === 0) {
        this.#advance();
        return { start, end: token.start };
      }
      this.#advance();
    }
  }

  #wordsIn(span: { readonly start: number; readonly end: number }): readonly string[] {
    const tokens = new Tokenizer(this.#text, { ...span, line: 0 });
    const words: string[] = [];
    for (let token = tokens.next(); token.kind !== 'end'; token = tokens.next())
      words.push(token.kind === 'end-of-line' ? ';' : token.text);
    return words;
  }

  #skipEmpty(): void {
    while (this.#token.kind === 'end-of-line' || this.#token.kind === 'comment') this.#advance();
  }

  #closes(): boolean {
    return this.#token.kind === 'mark' && this.#token.text === '}';
  }

  #advance(): void {
    this.#token = this.#tokens.next();
  }

  #problem(line: Line, expected: string): Problem {
    const found = shown(this.#text.slice(line.start, line.start + 61).split('\n')[0] ?? '');
    return { code: 'nft-text-unreadable', source: this.#source, line: line.line, found, expected };
  }
}

interface Of {
  readonly listing: Listing;
  readonly declare: Declare;
  readonly family: NftFamily;
  readonly table: string;
}

const blockWords = new Set([
  'table',
  'chain',
  'set',
  'map',
  'flowtable',
  'counter',
  'quota',
  'limit',
  'ct',
  'synproxy',
  'secmark',
  'tunnel',
]);

/** `chain NAME`, `ct helper NAME`: braces behind other words are sets of a rule. */
function opensBlock(words: readonly string[]): boolean {
  const [first] = words;
  if (first === undefined || !blockWords.has(first)) return false;
  const length = first === 'table' || first === 'ct' ? 3 : 2;
  return words.length === length && !(first === 'ct' && !['helper', 'timeout', 'expectation'].includes(words[1] as string));
}

function placeOf({ start, end, line, handle }: Line): RulePlace {
  return { start, end, line, handle };
}

/** What a rule jumps to, looks up and changes, by its words alone. */
function scanOf(words: readonly string[]): Scan {
  const scan = { jumps: [] as string[], maps: [] as string[], changed: [] as string[] };
  for (const [i, word] of words.entries()) {
    const next = words[i + 1];
    if (next === undefined) break;
    if (word === 'jump' || word === 'goto') scan.jumps.push(next);
    else if (!next.startsWith('@')) continue;
    else if (word === 'vmap') scan.maps.push(next.slice(1));
    else if (word === 'add' || word === 'update' || word === 'delete') scan.changed.push(next.slice(1));
  }
  return scan;
}

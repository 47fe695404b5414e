import type { Family } from '#facts/address.ts';
import { failed, ok, type Problem, type Result } from '#facts/result.ts';
import type { Backend, Chain, Ruleset, Table } from '#facts/rule.ts';
import { joined } from './chunk-lines.ts';
import { type ChainHead, LazyChain } from './iptables-save/lazy-chain.ts';
import { shown } from './shown.ts';

export interface SaveDump {
  readonly backend: Backend;
  readonly family: Family;
  /** Path in the snapshot. */
  readonly source: string;
}

/**
 * Reads what `ip[6]tables-{legacy,nft}-save [-c]` prints (iptables 1.4 to 1.8.11). The dump is kept as bytes; rules are decoded when
 * their chain is first looked at. A dump that ends inside a table, holds NUL bytes, or has a line that is nothing known is a Problem with
 * its line: a part of a ruleset would give wrong verdicts.
 */
export function readIptablesSave(chunks: Iterable<Uint8Array>, of: SaveDump): Result<Ruleset> {
  return readDump(chunks, of, null);
}

/**
 * Reads what `iptables -S [-v]` prints: `-P`, `-N` and `-A` of one table, which it does not name. It has no end mark: whether it is whole
 * cannot be seen.
 */
export function readIptablesRules(chunks: Iterable<Uint8Array>, of: SaveDump, table: string): Result<Ruleset> {
  return readDump(chunks, of, table);
}

function readDump(chunks: Iterable<Uint8Array>, of: SaveDump, table: string | null): Result<Ruleset> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const chunk of chunks) {
    // A copy: a caller may read the next chunk into the same buffer.
    parts.push(chunk.slice());
    length += chunk.length;
  }
  const reader = new SaveReader(parts.length === 1 ? (parts[0] as Uint8Array) : joined(parts, length), of, table);
  const problem = reader.run();
  if (problem !== null) return failed(problem);
  return ok({ ...of, tables: reader.tables, unreadable: reader.unreadable });
}

const newline = 10;
const space = 32;
const code = { hash: 35, star: 42, dash: 45, colon: 58, bracket: 91, letterA: 65, letterC: 67, letterN: 78, letterP: 80 } as const;

class SaveReader {
  readonly tables = new Map<string, Table>();
  readonly unreadable: { table: string; because: string; line: number }[] = [];
  readonly #bytes: Uint8Array;
  readonly #of: SaveDump;
  #table: { readonly name: string; readonly chains: Map<string, LazyChain>; readonly line: number } | null = null;
  #lastChain: LazyChain | null = null;
  #line = 0;

  readonly #isListing: boolean;

  /** `table` not null: a listing of `iptables -S`, of that table. */
  constructor(bytes: Uint8Array, of: SaveDump, table: string | null) {
    this.#bytes = bytes;
    this.#of = of;
    this.#isListing = table !== null;
    if (table !== null) this.#table = { name: table, chains: new Map(), line: 1 };
  }

  run(): Problem | null {
    const bytes = this.#bytes;
    const nul = bytes.indexOf(0);
    if (nul >= 0) return this.#binary(nul);
    for (let start = 0; start < bytes.length; ) {
      const found = bytes.indexOf(newline, start);
      const next = found < 0 ? bytes.length : found;
      this.#line++;
      const end = next > start && bytes[next - 1] === 13 ? next - 1 : next;
      const problem = this.#readLine(start, end);
      if (problem !== null) return problem;
      start = next + 1;
    }
    if (this.#isListing) return this.#commit();
    return this.#table === null
      ? null
      : this.#problem('rules-file-truncated', 'end of file', `COMMIT for table '${this.#table.name}' of line ${this.#table.line}`);
  }

  #readLine(start: number, end: number): Problem | null {
    switch (start === end ? newline : this.#bytes[start]) {
      case newline:
        return null;
      case code.dash:
      case code.bracket:
        return this.#readRule(start, end);
      case code.colon:
        return this.#readChain(this.#text(start + 1, end));
      case code.hash:
        return this.#readComment(this.#text(start, end));
      case code.star:
        return this.#openTable(this.#text(start + 1, end));
      case code.letterC:
        return this.#text(start, end).trim() === 'COMMIT' ? this.#commit() : this.#unknown(start, end);
      default:
        return this.#unknown(start, end);
    }
  }

  #readRule(start: number, end: number): Problem | null {
    const bytes = this.#bytes;
    const at = bytes[start] === code.bracket ? this.#afterCounters(start, end) : start;
    if (this.#isListing && bytes[at] === code.dash && (bytes[at + 1] === code.letterP || bytes[at + 1] === code.letterN))
      return this.#readDeclaration(this.#text(start, end));
    if (bytes[at] !== code.dash || bytes[at + 1] !== code.letterA || bytes[at + 2] !== space) return this.#unknown(start, end);
    const nameStart = at + 3;
    let nameEnd = nameStart;
    while (nameEnd < end && bytes[nameEnd] !== space) nameEnd++;
    const chain = this.#chainAt(nameStart, nameEnd);
    if (chain === null) {
      const expected =
        this.#table === null ? 'a table (*NAME) before the first rule' : `a chain that is declared in table '${this.#table.name}'`;
      return this.#problem('rule-for-unknown-chain', this.#text(nameStart, nameEnd), expected);
    }
    chain.add(start, end, this.#line);
    return null;
  }

  #afterCounters(start: number, end: number): number {
    let at = start;
    while (at < end && this.#bytes[at] !== space) at++;
    return at + 1;
  }

  /** Rules of a chain stand together, so that the name is nearly always the last one. */
  #chainAt(start: number, end: number): LazyChain | null {
    const last = this.#lastChain;
    if (last !== null && last.name.length === end - start && this.#sameName(last.name, start)) return last;
    this.#lastChain = this.#table?.chains.get(this.#text(start, end)) ?? null;
    return this.#lastChain;
  }

  #sameName(name: string, start: number): boolean {
    for (let i = 0; i < name.length; i++) if (this.#bytes[start + i] !== name.charCodeAt(i)) return false;
    return true;
  }

  #readChain(text: string): Problem | null {
    const parts = /^(\S+) (ACCEPT|DROP|QUEUE|-)(?: \[(\d+):(\d+)\])?\s*$/.exec(text);
    if (parts === null || this.#table === null)
      return this.#problem(
        'chain-line-unreadable',
        `:${text}`,
        this.#table === null ? 'a table (*NAME) first' : ':NAME POLICY [packets:bytes]',
      );
    if (parts[2] === 'QUEUE') return this.#problem('chain-policy-unknown', 'QUEUE', 'ACCEPT, DROP or -');
    return this.#declare(parts);
  }

  /** `-P INPUT ACCEPT -c 10 840` and `-N NAME` of a listing. */
  #readDeclaration(text: string): Problem | null {
    const parts = /^-P (\S+) (ACCEPT|DROP)(?: -c (\d+) (\d+))?\s*$/.exec(text) ?? /^-N (\S+)\s*$/.exec(text);
    if (parts === null) return this.#problem('chain-line-unreadable', text, '-P NAME POLICY or -N NAME');
    return this.#declare(parts);
  }

  #declare([, name, policy = '-', packets, bytes]: RegExpExecArray): Problem | null {
    const counter = (digits: string | undefined): number | null => (digits === undefined ? null : Number(digits));
    const head: ChainHead = {
      name: name as string,
      policy: policy === '-' ? null : (policy as 'ACCEPT' | 'DROP'),
      packets: counter(packets),
      bytes: counter(bytes),
      line: this.#line,
    };
    const chains = this.#table?.chains ?? new Map<string, LazyChain>();
    if (chains.has(head.name)) return this.#problem('chain-declared-twice', head.name, 'each chain once');
    const dump = { bytes: this.#bytes, family: this.#of.family, backend: this.#of.backend, isListing: this.#isListing };
    chains.set(head.name, new LazyChain(head, dump, chains as ReadonlyMap<string, Chain>));
    return null;
  }

  /** iptables-nft-save names what it cannot print in comments, on standard output and with exit status 0. */
  #readComment(text: string): null {
    const table = /[Tt]able `([^`']+)'/.exec(text)?.[1];
    if (table !== undefined && text.includes('incompatible'))
      this.unreadable.push({ table, because: text.replace(/^#\s*/, ''), line: this.#line });
    return null;
  }

  #openTable(text: string): Problem | null {
    const name = text.trim();
    if (this.#table !== null)
      return this.#problem('rules-file-truncated', `*${name}`, `COMMIT for table '${this.#table.name}' of line ${this.#table.line}`);
    if (!/^[\w-]+$/.test(name)) return this.#problem('table-name-unreadable', `*${text}`, '*NAME');
    if (this.tables.has(name)) return this.#problem('table-twice', `*${name}`, 'each table once');
    this.#table = { name, chains: new Map(), line: this.#line };
    this.#lastChain = null;
    return null;
  }

  #commit(): Problem | null {
    if (this.#table === null) return this.#problem('commit-without-table', 'COMMIT', 'a table (*NAME) first');
    this.tables.set(this.#table.name, { name: this.#table.name, chains: this.#table.chains });
    this.#table = null;
    this.#lastChain = null;
    return null;
  }

  #binary(at: number): Problem {
    this.#line = 1;
    for (let i = this.#bytes.indexOf(newline); i >= 0 && i < at; i = this.#bytes.indexOf(newline, i + 1)) this.#line++;
    return this.#problem('rules-file-binary', 'a NUL byte', 'the text of iptables-save');
  }

  #unknown(start: number, end: number): Problem {
    return this.#problem(
      'rules-line-unknown',
      this.#text(start, Math.min(end, start + 200)),
      'a line of iptables-save (*table, :chain, -A rule, COMMIT, # comment)',
    );
  }

  #problem(problemCode: string, found: string, expected: string): Problem {
    return { code: problemCode, source: this.#of.source, line: this.#line, found: shown(found), expected };
  }

  /** Names and rules are ASCII; what is not becomes U+FFFD here and whole in the decoded rule. */
  #text(start: number, end: number): string {
    return decoder.decode(this.#bytes.subarray(start, end));
  }
}

const decoder = new TextDecoder();

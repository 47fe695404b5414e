import type { NftElement, NftRuleset } from '#facts/nft.ts';
import { normalDebugLine } from './nft-bytecode.ts';

/** What `nft --debug=netlink list ruleset` prints of one table: rules by handle, and elements of sets by the set's name. */
export interface DebugListing {
  readonly rules: ReadonlyMap<number, readonly string[]>;
  readonly sets: ReadonlyMap<string, readonly DebugElement[]>;
}

interface DebugElement {
  readonly words: string;
  /** `: accept 0 [end]` without the flags. */
  readonly data: string;
  readonly endOfInterval: boolean;
}

export function parseDebugListing(text: string): DebugListing {
  const rules = new Map<number, string[]>();
  const sets = new Map<string, DebugElement[]>();
  let lines: string[] = [];
  let elements: DebugElement[] = [];
  for (const line of text.split('\n')) {
    const rule = /^\w+ \S+ \S+ (\d+)(?: \d+)?$/.exec(line);
    const set = /^\w+ \S+ @(\S+)$/.exec(line);
    const element = /^\telement ([0-9a-f ]*?) {2}(?:- ([0-9a-f ]+?) {2})?: (.*?) ?(\d+) \[end\]/.exec(line);
    if (rule !== null) {
      lines = [];
      rules.set(Number(rule[1]), lines);
    } else if (set !== null) {
      elements = [];
      sets.set(set[1] as string, elements);
    } else if (element !== null) {
      const [, key, last, data, flags] = element;
      elements.push({
        words: last === undefined ? (key as string) : `${key} - ${last}`,
        data: data as string,
        endOfInterval: (Number(flags) & 1) === 1,
      });
    } else if (line.startsWith('  [')) lines.push(normalDebugLine(line));
  }
  return { rules, sets };
}

/** Elements of the kernel, with the two ends of an interval as one: `first-last data`, sorted. */
export function debugElements(elements: readonly DebugElement[], width: number): readonly string[] {
  if (!elements.some(({ endOfInterval }) => endOfInterval)) return elements.map(({ words, data }) => `${words} ${data}`.trim()).toSorted();
  const points = elements.map((element) => ({ ...element, at: numberOf(element.words, width) }));
  const ordered = points.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : Number(b.endOfInterval) - Number(a.endOfInterval)));
  return ordered
    .flatMap((point, i) => {
      if (point.endOfInterval) return [];
      const end = ordered[i + 1]?.at ?? 1n << BigInt(width * 8);
      return [`${point.at.toString(16)}-${(end - 1n).toString(16)} ${point.data}`.trim()];
    })
    .toSorted();
}

/** Compiled elements in the same form. */
export function compiledElements(elements: readonly NftElement[], interval: boolean): readonly string[] {
  return elements
    .map((element) => {
      const data = dataText(element);
      if (element.catchall) return ` ${data}`.trim();
      if (!interval) return `${wordsOf(element.key)} ${data}`.trim();
      const last = element.last ?? element.key;
      return `${hex(element.key).toString(16)}-${hex(last).toString(16)} ${data}`.trim();
    })
    .toSorted();
}

/** Concatenations of intervals are stored with both ends side by side. */
export function compiledConcatenations(elements: readonly NftElement[]): readonly string[] {
  return elements
    .map((element) => `${wordsOf(element.key)} - ${wordsOf(element.last ?? element.key)} ${dataText(element)}`.trim())
    .toSorted();
}

function dataText({ verdict, data }: NftElement): string {
  if (verdict !== null) return verdict.kind === 'jump' || verdict.kind === 'goto' ? `${verdict.kind} -> ${verdict.chain}` : verdict.kind;
  return data === null ? '' : wordsOf(data);
}

function wordsOf(bytes: Uint8Array): string {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return Array.from({ length: padded.length / 4 }, (_, i) =>
    view
      .getUint32(i * 4, true)
      .toString(16)
      .padStart(8, '0'),
  ).join(' ');
}

function hex(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function numberOf(words: string, width: number): bigint {
  const bytes = words.split(' ').flatMap((word) => (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)));
  return hex(Uint8Array.from(bytes.slice(0, width)));
}

/** Every chain and set of a listing compiled, as plain data. */
export function plainRuleset(ruleset: NftRuleset, leaveOut: readonly string[] = []): unknown {
  const tables = ruleset.tables.map((table) => {
    const chains = [...table.chains.values()].map(({ name, base, policy, rules, ruleCount, jumps }) => ({
      name,
      base,
      policy,
      rules,
      ruleCount,
      jumps,
    }));
    const sets = [...table.sets.values()].map((set) => {
      const { name, anonymous, map, interval, dynamic, timeout, keyFields, keyLength, dataLength, elementCount, elements } = set;
      return { name, anonymous, map, interval, dynamic, timeout, keyFields, keyLength, dataLength, elementCount, elements };
    });
    return { family: table.family, name: table.name, dormant: table.dormant, chains, sets, flowtables: table.flowtables };
  });
  return JSON.parse(
    JSON.stringify({ tables, unreadable: ruleset.unreadable }, (key, value: unknown) => {
      if (leaveOut.includes(key)) return undefined;
      return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
    }),
  );
}

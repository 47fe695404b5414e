import type { Family } from '#facts/address.ts';
import type { Match, Rule, Target } from '#facts/rule.ts';
import { UnreadableValue } from '../iptables-save/values.ts';
import { Blob } from './blob.ts';
import { decodeXtMatch, decodeXtTarget } from './decode.ts';
import { headMatches, headWords, isGoto } from './entry-head.ts';
import { entryLayouts, extensionHeader } from './entry-layout.ts';
import type { SetNames } from './module.ts';

/** What the rules of one table share. */
export interface EntryTable {
  readonly entries: Uint8Array;
  readonly family: Family;
  readonly littleEndian: boolean;
  readonly setNames: SetNames;
  /** User-defined chains by the offset of their first entry: jumps name offsets. */
  readonly chainStarts: ReadonlyMap<number, string>;
}

interface Part<T> {
  readonly value: T;
  readonly text: string;
}

/** One entry as a rule. `text` is made when it is asked for. Whatever cannot be decoded is unmodelled. */
export function entryRule(table: EntryTable, offset: number, index: number, line: number): Rule {
  const layout = entryLayouts[table.family];
  const blob = entryAt(table, offset);
  const matches = matchesOf(table, blob);
  const target = targetOf(table, blob, offset);
  const head = headOf(blob, table.family);
  return {
    index,
    line,
    packets: Number(blob.u64(layout.counters)),
    bytes: Number(blob.u64(layout.counters + 8)),
    matches: [...head.value, ...matches.flatMap(({ value }) => value)],
    target: target.value,
    get text() {
      return [head.text, ...matches.map(({ text }) => text), target.text].filter((part) => part !== '').join(' ');
    },
  };
}

function entryAt({ entries, family, littleEndian }: EntryTable, offset: number): Blob {
  const head = new Blob(entries.subarray(offset, offset + entryLayouts[family].size), littleEndian);
  return new Blob(entries.subarray(offset, offset + head.u16(entryLayouts[family].nextOffset)), littleEndian);
}

function headOf(blob: Blob, family: Family): Part<readonly Match[]> {
  const text = (): string =>
    attempt(
      () => headWords(blob, family).trimStart(),
      () => '[unreadable conditions]',
    );
  const value = attempt(
    () => headMatches(blob, family),
    (because): readonly Match[] => [{ kind: 'unmodelled', module: 'rule', text: `${because} in '${text()}'` }],
  );
  return {
    value,
    get text() {
      return text();
    },
  };
}

const unmodelled = (text: string): Part<readonly Match[]> => ({ value: [{ kind: 'unmodelled', module: 'rule', text }], text: `[${text}]` });

function matchesOf(table: EntryTable, blob: Blob): readonly Part<readonly Match[]>[] {
  const layout = entryLayouts[table.family];
  const end = blob.u16(layout.targetOffset);
  const parts: Part<readonly Match[]>[] = [];
  for (let at = layout.size; at < end; ) {
    const size = at + extensionHeader.size <= end ? blob.u16(at) : 0;
    if (size < extensionHeader.size || at + size > end) return [...parts, unmodelled(`a match of ${size} bytes`)];
    const found = decodeXtMatch(extensionAt(table, blob, at, size));
    parts.push({
      value: found.matches,
      get text() {
        return found.text;
      },
    });
    at += size;
  }
  return parts;
}

function extensionAt({ family, littleEndian, setNames }: EntryTable, blob: Blob, at: number, size: number) {
  return {
    name: blob.text(at + extensionHeader.name, extensionHeader.nameLength),
    revision: blob.u8(at + extensionHeader.revision),
    info: blob.bytes.subarray(at + extensionHeader.size, at + size),
    family,
    littleEndian,
    nft: false,
    setNames,
  };
}

function targetOf(table: EntryTable, blob: Blob, offset: number): Part<Target> {
  const layout = entryLayouts[table.family];
  const at = blob.u16(layout.targetOffset);
  const extension = extensionAt(table, blob, at, blob.u16(at));
  if (extension.name === '' && extension.info.length >= 4) {
    const verdict = blob.i32(at + extensionHeader.size);
    if (verdict === offset + blob.u16(layout.nextOffset)) return { value: { kind: 'continue', name: '' }, text: '' };
    return verdict < 0 ? verdictOf(verdict) : jumpTo(table, blob, verdict);
  }
  const found = decodeXtTarget(extension);
  return {
    value: found.target,
    get text() {
      return found.text;
    },
  };
}

/** NF_DROP 0, NF_ACCEPT 1, NF_QUEUE 3 as -verdict - 1, and XT_RETURN (x_tables.h). */
const verdicts: Readonly<Record<number, Part<Target>>> = {
  [-1]: { value: { kind: 'drop' }, text: '-j DROP' },
  [-2]: { value: { kind: 'accept' }, text: '-j ACCEPT' },
  [-4]: { value: { kind: 'queue', bypass: false, text: '-j QUEUE' }, text: '-j QUEUE' },
  [-5]: { value: { kind: 'return' }, text: '-j RETURN' },
};

const verdictOf = (verdict: number): Part<Target> =>
  verdicts[verdict] ?? { value: { kind: 'unmodelled', name: 'verdict', text: `verdict ${verdict}` }, text: `-j [verdict ${verdict}]` };

function jumpTo({ chainStarts, family }: EntryTable, blob: Blob, verdict: number): Part<Target> {
  const chain = chainStarts.get(verdict);
  if (chain === undefined) {
    const text = `jump to byte ${verdict}, where no chain begins`;
    return { value: { kind: 'unmodelled', name: 'jump', text }, text: `-j [${text}]` };
  }
  return isGoto(blob, family)
    ? { value: { kind: 'goto', chain }, text: `-g ${chain}` }
    : { value: { kind: 'jump', chain }, text: `-j ${chain}` };
}

/** The verdict of an entry that applies to every packet; null for others. */
export function unconditionalVerdict(table: Pick<EntryTable, 'entries' | 'family' | 'littleEndian'>, offset: number): number | null {
  const { entries, family, littleEndian } = table;
  const layout = entryLayouts[family];
  const blob = new Blob(entries.subarray(offset), littleEndian);
  const at = blob.u16(layout.targetOffset);
  if (at !== layout.size || blob.u16(at) < extensionHeader.size + 4 || blob.u8(at + extensionHeader.name) !== 0) return null;
  for (let i = 0; i <= layout.inversions; i++) if (blob.u8(i) !== 0) return null;
  return blob.i32(at + extensionHeader.size);
}

function attempt<T>(decode: () => T, otherwise: (because: string) => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    return otherwise(error.message);
  }
}

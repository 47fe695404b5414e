import type { Match, Rule, Target } from '#facts/rule.ts';
import { UnreadableValue } from '../iptables-save/values.ts';
import type { Blob } from './blob.ts';
import { type XtBlob, xtMatches, xtMatchText } from './decode.ts';
import { headMatches, headWords } from './entry-head.ts';
import { entryLayouts, extensionHeader } from './entry-layout.ts';
import { type EntryTable, extensionAt } from './entry-table.ts';
import { entryTarget, entryTargetText } from './entry-target.ts';

/** One entry as a rule. It keeps no text, but where its bytes are: hardly any of a hundred thousand rules is ever printed. */
export class LegacyRule implements Rule {
  readonly index: number;
  readonly line: number;
  readonly packets: number;
  readonly bytes: number;
  readonly matches: readonly Match[];
  readonly target: Target;
  readonly #table: EntryTable;
  readonly #offset: number;

  constructor(table: EntryTable, offset: number, place: { readonly index: number; readonly line: number }) {
    const counters = offset + entryLayouts[table.family].counters;
    this.index = place.index;
    this.line = place.line;
    this.packets = Number(table.entries.u64(counters));
    this.bytes = Number(table.entries.u64(counters + 8));
    this.matches = matchesOf(table, offset);
    this.target = entryTarget(table, offset);
    this.#table = table;
    this.#offset = offset;
  }

  get text(): string {
    return textOf(this.#table, this.#offset);
  }
}

function matchesOf(table: EntryTable, offset: number): readonly Match[] {
  const matches: Match[] = [...conditionsOf(table, offset)];
  const broken = eachMatch(table, offset, (xt) => matches.push(...xtMatches(xt)));
  if (broken !== null) matches.push({ kind: 'unmodelled', module: 'rule', text: broken });
  return matches;
}

function conditionsOf(table: EntryTable, offset: number): readonly Match[] {
  return attempt(
    () => headMatches(headOf(table, offset), table.family),
    (because): readonly Match[] => [{ kind: 'unmodelled', module: 'rule', text: `${because} in '${headText(table, offset)}'` }],
  );
}

const headOf = ({ entries, family }: EntryTable, offset: number): Blob => entries.part(offset, offset + entryLayouts[family].size);

function headText(table: EntryTable, offset: number): string {
  return attempt(
    () => headWords(headOf(table, offset), table.family).trimStart(),
    () => '[unreadable conditions]',
  );
}

function textOf(table: EntryTable, offset: number): string {
  const parts = [headText(table, offset)];
  const broken = eachMatch(table, offset, (xt) => parts.push(xtMatchText(xt)));
  if (broken !== null) parts.push(`[${broken}]`);
  parts.push(entryTargetText(table, offset));
  return parts.filter((part) => part !== '').join(' ');
}

/** Calls for each match of an entry; returns what is wrong with one that does not fit. */
function eachMatch(table: EntryTable, offset: number, visit: (xt: XtBlob) => void): string | null {
  const { entries, family } = table;
  const layout = entryLayouts[family];
  const end = offset + entries.u16(offset + layout.targetOffset);
  for (let at = offset + layout.size; at < end; ) {
    const size = at + extensionHeader.size <= end ? entries.u16(at) : 0;
    if (size < extensionHeader.size || at + size > end) return `a match of ${size} bytes`;
    visit(extensionAt(table, at, size));
    at += size;
  }
  return null;
}

function attempt<T>(decode: () => T, otherwise: (because: string) => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    return otherwise(error.message);
  }
}

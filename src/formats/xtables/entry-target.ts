import type { Family } from '#facts/address.ts';
import type { Target } from '#facts/rule.ts';
import type { Blob } from './blob.ts';
import { xtTarget, xtTargetText } from './decode.ts';
import { isGoto } from './entry-head.ts';
import { entryLayouts, extensionHeader } from './entry-layout.ts';
import { type EntryTable, extensionAt } from './entry-table.ts';

/** The verdict of a standard target (XT_STANDARD_TARGET: no name); null for extensions. */
function verdictAt(entries: Blob, at: number): number | null {
  const isStandard = entries.u8(at + extensionHeader.name) === 0 && entries.u16(at) >= extensionHeader.size + 4;
  return isStandard ? entries.i32(at + extensionHeader.size) : null;
}

/** NF_DROP 0, NF_ACCEPT 1, NF_QUEUE 3 as -verdict - 1, and XT_RETURN (x_tables.h). */
const verdicts: ReadonlyMap<number, { readonly target: Target; readonly name: string }> = new Map([
  [-1, { target: { kind: 'drop' }, name: 'DROP' }],
  [-2, { target: { kind: 'accept' }, name: 'ACCEPT' }],
  [-4, { target: { kind: 'queue', bypass: false, text: '-j QUEUE' }, name: 'QUEUE' }],
  [-5, { target: { kind: 'return' }, name: 'RETURN' }],
]);

/** A verdict that is the next entry's offset goes on there: a rule without a target. */
const isFallThrough = ({ entries, family }: EntryTable, offset: number, verdict: number): boolean =>
  verdict === offset + entries.u16(offset + entryLayouts[family].nextOffset);

const targetAt = ({ entries, family }: EntryTable, offset: number): number =>
  offset + entries.u16(offset + entryLayouts[family].targetOffset);

export function entryTarget(table: EntryTable, offset: number): Target {
  const { entries, chainStarts, family } = table;
  const at = targetAt(table, offset);
  const verdict = verdictAt(entries, at);
  if (verdict === null) return xtTarget(extensionAt(table, at, entries.u16(at)));
  if (isFallThrough(table, offset, verdict)) return { kind: 'continue', name: '' };
  if (verdict < 0) return verdicts.get(verdict)?.target ?? { kind: 'unmodelled', name: 'verdict', text: `verdict ${verdict}` };
  const chain = chainStarts.get(verdict);
  if (chain === undefined) return { kind: 'unmodelled', name: 'jump', text: nowhere(verdict) };
  return { kind: isGoto(entries, offset, family) ? 'goto' : 'jump', chain };
}

export function entryTargetText(table: EntryTable, offset: number): string {
  const { entries, chainStarts, family } = table;
  const at = targetAt(table, offset);
  const verdict = verdictAt(entries, at);
  if (verdict === null) return xtTargetText(extensionAt(table, at, entries.u16(at)));
  if (isFallThrough(table, offset, verdict)) return '';
  if (verdict < 0) return `-j ${verdicts.get(verdict)?.name ?? `[verdict ${verdict}]`}`;
  return `${isGoto(entries, offset, family) ? '-g' : '-j'} ${chainStarts.get(verdict) ?? `[${nowhere(verdict)}]`}`;
}

const nowhere = (verdict: number): string => `jump to byte ${verdict}, where no chain begins`;

/** The verdict of an entry that applies to every packet; null for others. */
export function unconditionalVerdict(entries: Blob, offset: number, family: Family): number | null {
  const layout = entryLayouts[family];
  if (entries.u16(offset + layout.targetOffset) !== layout.size) return null;
  for (let i = offset; i <= offset + layout.inversions; i++) if (entries.bytes[i] !== 0) return null;
  return verdictAt(entries, offset + layout.size);
}

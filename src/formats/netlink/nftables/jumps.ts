import { attributeLength, attributeType, be32, eachListElement } from './bytes.ts';
import { findInMessage } from './kernel-rule.ts';
import type { TableContext } from './table.ts';
import { verdictInData } from './verdict.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Chains that the rules of the messages at `offsets` go to, by immediate verdicts and by verdict maps, without decoding anything else.
 * Null where a message cannot be read.
 */
export function jumpsOf(offsets: readonly number[], table: TableContext): readonly string[] | null {
  const found = new Set<string>();
  for (const offset of offsets) {
    const place = findInMessage(table.bytes, offset, 4);
    if (place === null) continue;
    let known = true;
    const whole = eachListElement(table.bytes, place.start, place.end, (start, end) => {
      known = scanExpression({ start, end }, table, found) && known;
    });
    if (!whole || !known) return null;
  }
  return [...found];
}

function scanExpression(range: Range, table: TableContext, found: Set<string>): boolean {
  const { bytes } = table;
  const first = attributeLength(bytes, range.start, range.end);
  if (first === 0 || attributeType(bytes, range.start) !== 1) return false;
  const name = nameOf(bytes, range.start + 4, first - 4);
  if (name === null) return true;
  const at = range.start + ((first + 3) & ~3);
  const length = attributeLength(bytes, at, range.end);
  if (length === 0 || attributeType(bytes, at) !== 2) return false;
  const data = { start: at + 4, end: at + length };
  return name === 'immediate' ? scanImmediate(data, table, found) : scanLookup(data, table, found);
}

const letter = { i: 0x69, l: 0x6c } as const;

/** By length, with NUL, and first letter, which no other expression shares: this runs for every expression of every rule. */
function nameOf(bytes: Uint8Array, start: number, length: number): 'immediate' | 'lookup' | null {
  if (length === 10 && bytes[start] === letter.i) return 'immediate';
  return length === 7 && bytes[start] === letter.l ? 'lookup' : null;
}

/** NFTA_IMMEDIATE_DREG 1, NFTA_IMMEDIATE_DATA 2. */
function scanImmediate(data: Range, table: TableContext, found: Set<string>): boolean {
  const register = find(data, 1, table.bytes);
  const value = find(data, 2, table.bytes);
  if (register === null || value === null || register.end - register.start !== 4) return false;
  if (be32(table.bytes, register.start) !== 0) return true;
  const verdict = verdictInData(table.bytes, value, table.names);
  if (verdict === null) return false;
  if (verdict.kind === 'jump' || verdict.kind === 'goto') found.add(verdict.chain);
  return true;
}

/** NFTA_LOOKUP_SET 1, NFTA_LOOKUP_DREG 3. */
function scanLookup(data: Range, table: TableContext, found: Set<string>): boolean {
  const name = find(data, 1, table.bytes);
  if (name === null) return false;
  if (find(data, 3, table.bytes) === null) return true;
  const set = table.sets.get(table.names.at(table.bytes, name.start, name.end));
  if (set === undefined) return false;
  if (set.map !== 'verdict') return true;
  for (const { verdict } of set.elements) if (verdict?.kind === 'jump' || verdict?.kind === 'goto') found.add(verdict.chain);
  return true;
}

function find(range: Range, type: number, bytes: Uint8Array): Range | null {
  for (let at = range.start; at < range.end; ) {
    const length = attributeLength(bytes, at, range.end);
    if (length === 0) return null;
    if (attributeType(bytes, at) === type) return { start: at + 4, end: at + length };
    at += (length + 3) & ~3;
  }
  return null;
}

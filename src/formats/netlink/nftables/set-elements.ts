import type { NftElement, NftSet } from '#facts/nft.ts';
import { attributeLength, attributeType, eachListElement } from './bytes.ts';
import { Fields } from './fields.ts';
import { type Boundary, closedIntervals } from './intervals.ts';
import type { TableContext } from './table.ts';
import { verdictInData } from './verdict.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** NFT_SET_ELEM_*. */
const flag = { intervalEnd: 1, catchall: 2 } as const;
const knownFlags = 3;
const noBytes = new Uint8Array(0);
/** Of expressions on an element, those that change nothing. */
const idle = new Set(['counter', 'last']);

type ElementSet = Pick<NftSet, 'interval' | 'keyFields' | 'keyLength' | 'dataLength' | 'map'>;

/**
 * All elements of a set. In the tree of an interval set each element is a boundary: from here on, or no longer (net/netfilter/nft_set_rbtree.c).
 * Concatenated intervals carry both ends (nft_set_pipapo.c).
 */
export function readElements(lists: readonly Range[], set: ElementSet, table: TableContext): readonly NftElement[] {
  const fields = new Fields(table.bytes, table.names);
  const found: Boundary[] = [];
  for (const list of lists) {
    const whole = eachListElement(table.bytes, list.start, list.end, (start, end) => {
      found.push(readElement(fields.open(start, end, 11), set, table));
    });
    if (!whole) found.push(unreadable(set));
  }
  const boundaries = set.interval && set.keyFields.length === 1;
  return boundaries ? closedIntervals(found, set.keyLength) : found.filter(({ ends }) => !ends).map(({ element }) => element);
}

/**
 * KEY 1, DATA 2, FLAGS 3, TIMEOUT 4, EXPIRATION 5, USERDATA 6, EXPR 7, OBJREF 9, KEY_END 10, EXPRESSIONS 11. The name of an object stands as
 * the element's data.
 */
function readElement(fields: Fields, set: ElementSet, table: TableContext): Boundary {
  const flags = fields.u32Or(3, 0);
  const catchall = (flags & flag.catchall) !== 0;
  const ends = (flags & flag.intervalEnd) !== 0;
  const element: NftElement = {
    key: catchall ? noBytes : fields.data(1),
    last: fields.has(10) ? fields.data(10) : null,
    verdict: set.map === 'verdict' && !ends ? verdictInData(table.bytes, fields.range(2), table.names) : null,
    data: dataOf(fields, set, ends),
    expires: fields.has(5) ? fields.u64(5) : null,
    stateful: isStateful(fields, table),
    catchall,
  };
  const whole = fields.problem === null && (flags & ~knownFlags) === 0 && isWhole(element, set, ends);
  return whole ? { element, ends } : unreadable(set);
}

function dataOf(fields: Fields, set: ElementSet, ends: boolean): Uint8Array | null {
  if (ends) return null;
  if (set.map === 'data') return fields.data(2);
  return set.map === 'object' ? withoutNul(fields.raw(9)) : null;
}

function withoutNul(name: Uint8Array): Uint8Array {
  const end = name.indexOf(0);
  return end < 0 ? name : name.subarray(0, end);
}

function isWhole(element: NftElement, set: ElementSet, ends: boolean): boolean {
  if (!element.catchall && element.key.length !== set.keyLength) return false;
  if (element.last !== null && element.last.length !== set.keyLength) return false;
  if (ends) return true;
  return (set.map !== 'verdict' || element.verdict !== null) && (set.map !== 'data' || element.data?.length === set.dataLength);
}

/**
 * Stands for elements that cannot be read: any key may be one of them, and whether it is depends on what is not known. So no look-up in the
 * set is decided by what the rest of it holds.
 */
function unreadable(set: ElementSet): Boundary {
  const verdict = set.map === 'verdict' ? ({ kind: 'continue' } as const) : null;
  const data = set.map === 'data' ? new Uint8Array(set.dataLength) : null;
  return { element: { key: noBytes, last: null, verdict, data, expires: null, stateful: true, catchall: true }, ends: false };
}

function isStateful(fields: Fields, table: TableContext): boolean {
  let found = false;
  const look = (start: number, end: number): void => {
    const length = attributeLength(table.bytes, start, end);
    const named = length > 0 && attributeType(table.bytes, start) === 1;
    if (!named || !idle.has(table.names.at(table.bytes, start + 4, start + length))) found = true;
  };
  if (fields.has(7)) {
    const { start, end } = fields.range(7);
    look(start, end);
  }
  fields.list(11, look);
  return found;
}

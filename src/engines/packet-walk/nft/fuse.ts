import type { NftExpression } from '#facts/nft.ts';
import { shared } from '../common-op.ts';
import type { Machine } from '../machine.ts';
import { action, type Code, fail, field, next, type Op, test } from '../op.ts';
import { arithmetic, arithmeticOp } from './arithmetic.ts';
import { hostWord, networkNumber, swap16, swap32, wordsOf } from './bytes.ts';
import { compareTest, rangeTest, testOp } from './compare.ts';
import type { NftContext } from './context.ts';
import { broken, type Load, loadOp, type Scalar } from './load.ts';
import { loadOf } from './loads.ts';
import { nameTest } from './name-test.ts';
import { isDead, registerBits } from './register-use.ts';

type Of<K extends NftExpression['kind']> = Extract<NftExpression, { readonly kind: K }>;
type Last = Of<'compare' | 'range'>;

/** Several expressions as one operation. */
export interface Fused {
  readonly op: Op;
  readonly count: number;
}

/**
 * A load, masks, and the comparison that they are for, as one look at the packet without a register, which is what most rules consist of.
 * Where the value is not known the expressions run one by one. Null: the expressions at `start` are nothing such.
 */
export function fuse(expressions: readonly NftExpression[], start: number, context: NftContext): Fused | null {
  const load = loadOf(expressions[start] as NftExpression, context);
  if (load === null) return null;
  let at = start + 1;
  const masks: Of<'bitwise'>[] = [];
  for (let each = expressions[at]; each?.kind === 'bitwise' && each.from === load.to && each.to === load.to; each = expressions[++at])
    masks.push(each);
  const last = expressions[at];
  if (last?.kind === 'meta-set') return markFused(expressions, start, context);
  if ((last?.kind !== 'compare' && last?.kind !== 'range') || last.from !== load.to) return null;
  const count = at + 1 - start;
  const named = masks.length === 0 && last.kind === 'compare' ? nameTest(expressions[start] as NftExpression, last) : null;
  const bits = registerBits(load.to, load.length) | registerBits(load.to, 4);
  if (!isDead(bits, expressions, at + 1, context)) return null;
  if (named !== null) {
    const op = test(field.none, named);
    return { op: expressions[start]?.kind === 'meta' && expressions[start].key === 'oifname' ? { ...op, comparesOut: true } : op, count };
  }
  const make = (): Op | null => comparing(expressions[start] as NftExpression, load, masks, { last, context });
  const key = commonKey(expressions[start] as NftExpression, masks, last, context);
  const op = key === null ? make() : shared(key, make);
  if (op === null) return null;
  const exactly = exactlyOf(expressions[start] as NftExpression, masks, last, context);
  return { op: exactly === undefined ? op : { ...op, exactly }, count };
}

/** Null: what is loaded is no number. */
function comparing(
  loaded: NftExpression,
  load: Load,
  masks: readonly Of<'bitwise'>[],
  { last, context }: { readonly last: Last; readonly context: NftContext },
): Op | null {
  const slow = slowly(load, masks, last, context);
  const { scalar } = load;
  const holds = scalar === null || masks.some(({ length }) => length !== scalar.length) ? null : numberTest(scalar, masks, last, context);
  if (scalar === null || holds === null) return null;
  const { read } = scalar;
  const run = (machine: Machine): Code => {
    const value = read(machine);
    if (value >= 0) return holds(value) ? next : fail;
    return value === broken ? fail : slow(machine);
  };
  const common = { run, asks: true, reads: load.reads, markReads: markReads(load, masks), writes: false, isTest: true };
  const isPort = loaded.kind === 'payload' && loaded.base === 'transport' && loaded.offset === 2 && loaded.length === 2;
  const isOne = isPort && masks.length === 0 && last.kind === 'compare' && last.op === 'eq' && last.value.length === 2;
  return isOne ? { ...common, toPort: networkNumber(last.value) } : common;
}

/** Thousands of rules look at the same ports and networks. Null: the comparison is not one of those. */
function commonKey(load: NftExpression, masks: readonly Of<'bitwise'>[], last: Last, { family, littleEndian }: NftContext): string | null {
  if (last.kind !== 'compare' || load.kind !== 'payload' || load.base === 'link') return null;
  const isWholeAddress = load.base === 'network' && load.length >= 4 && masks.length === 0;
  if (isWholeAddress) return null;
  const masked = masks.map(({ mask, xor }) => `& ${mask.join()} ^ ${xor.join()}`).join(' ');
  return `${family} ${littleEndian} ${load.base} ${load.offset} ${load.length} ${masked} reg ${last.from} ${last.op} ${last.value.join()}`;
}

/** `ip saddr` or `ip daddr` and a whole address. */
function exactlyOf(load: NftExpression, masks: readonly Of<'bitwise'>[], last: Last, { family }: NftContext): Op['exactly'] {
  if (load.kind !== 'payload' || load.base !== 'network' || load.length !== 4 || family !== 'ip') return undefined;
  if (last.kind !== 'compare' || last.op !== 'eq' || last.value.length !== 4 || masks.length > 0) return undefined;
  const end = load.offset === 12 ? 'source' : load.offset === 16 ? 'destination' : null;
  return end === null ? undefined : { end, word: networkNumber(last.value) };
}

/** Bits of the mark that are looked at: those that the first mask leaves. */
function markReads(load: Load, masks: readonly Of<'bitwise'>[]): number {
  const [first] = masks;
  if (load.markReads === 0 || first === undefined) return load.markReads;
  return wordsOf(first.mask)[0] ?? load.markReads;
}

function slowly(load: Load, masks: readonly Of<'bitwise'>[], last: Last, context: NftContext) {
  const test = last.kind === 'compare' ? compareTest(last) : rangeTest(last);
  const length = last.kind === 'compare' ? last.value.length : last.first.length;
  const ops = [loadOp(load), ...masks.map((mask) => arithmeticOp(arithmetic(mask, context.littleEndian)))];
  const compare = testOp(test, last.from, length);
  return (machine: Machine): Code => {
    for (const op of ops) {
      const code = op.run(machine);
      if (code !== next) return code;
    }
    return compare.run(machine);
  };
}

/** The masks and the comparison on the number as the scalar reads it. Null: another length is compared than was loaded. */
function numberTest(
  scalar: Scalar,
  masks: readonly Of<'bitwise'>[],
  last: Last,
  { littleEndian }: NftContext,
): ((value: number) => boolean) | null {
  const { length } = scalar;
  const values = last.kind === 'compare' ? [last.value] : [last.first, last.last];
  if (values.some((value) => value.length !== length)) return null;
  const swapped = scalar.order === 'host' && littleEndian;
  const constant = (bytes: Uint8Array): number => (swapped ? hostNumber(bytes) : networkNumber(bytes));
  const steps = masks.map(({ mask, xor }) => [constant(mask), constant(xor)] as const);
  const compare = comparison(last, swapped ? (value) => swapOf(value, length) : null, constant);
  const [only] = steps;
  if (only === undefined) return compare;
  if (steps.length > 1) return (value) => compare(steps.reduce((each, [and, xor]) => ((each & and) ^ xor) >>> 0, value));
  const [and, xor] = only;
  return (value) => compare(((value & and) ^ xor) >>> 0);
}

const swapOf = (value: number, length: number): number => (length === 2 ? swap16(value) : length === 1 ? value : swap32(value));

function hostNumber(bytes: Uint8Array): number {
  return hostWord(wordsOf(bytes)[0] ?? 0, bytes.length, true);
}

/** Less and more are what memcmp says: a number of the host's order is turned round first. */
function comparison(
  last: Last,
  turn: ((value: number) => number) | null,
  constant: (bytes: Uint8Array) => number,
): (value: number) => boolean {
  if (last.kind === 'range') {
    const [low, high] = [networkNumber(last.first), networkNumber(last.last)];
    const wanted = last.op === 'eq';
    return (value) => {
      const own = turn === null ? value : turn(value);
      return (low <= own && own <= high) === wanted;
    };
  }
  const { op } = last;
  const same = constant(last.value);
  if (op === 'eq') return (value) => value === same;
  if (op === 'neq') return (value) => value !== same;
  const other = networkNumber(last.value);
  const own = turn ?? ((value: number) => value);
  if (op === 'lt') return (value) => own(value) < other;
  if (op === 'lte') return (value) => own(value) <= other;
  if (op === 'gt') return (value) => own(value) > other;
  return (value) => own(value) >= other;
}

/** `meta mark set meta mark & a ^ b`: only the bits that change are written, and only those that are toggled are read. */
function markFused(expressions: readonly NftExpression[], start: number, context: NftContext): Fused | null {
  const [load, mask, set] = expressions.slice(start, start + 3);
  if (load?.kind !== 'meta' || load.key !== 'mark' || mask?.kind !== 'bitwise' || set?.kind !== 'meta-set' || set.key !== 'mark')
    return null;
  if (mask.from !== load.to || mask.to !== load.to || set.from !== load.to || mask.length !== 4) return null;
  if (!isDead(registerBits(load.to, 4), expressions, start + 3, context)) return null;
  const kept = hostWord(wordsOf(mask.mask)[0] as number, 4, context.littleEndian);
  const xor = hostWord(wordsOf(mask.xor)[0] as number, 4, context.littleEndian);
  const op = action(
    field.none,
    (machine) => {
      machine.packet.mark = ((machine.packet.mark & kept) ^ xor) >>> 0;
      machine.wrote(field.none, (~kept | xor) >>> 0);
    },
    { markReads: (kept & xor) >>> 0 },
  );
  return { op, count: 3 };
}

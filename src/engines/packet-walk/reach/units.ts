import type { WalkChain, WalkRule } from '../chain.ts';
import { type Code, fail, next, type Op } from '../op.ts';
import type { Packet } from '../packet.ts';
import type { RuleVerdict } from '../verdict.ts';
import type { Unit } from './run-unit.ts';
import type { SeenMachine } from './seen-machine.ts';

/** What an operation, or a rule, told: a verdict where it is `stop`. */
export interface OpResult {
  readonly code: Code;
  readonly verdict: RuleVerdict | null;
}

const nextResult: OpResult = { code: next, verdict: null };
const failResult: OpResult = { code: fail, verdict: null };

function keyOf({ code, verdict }: OpResult): string | number {
  if (verdict === null) return code;
  const what = 'chain' in verdict ? verdict.chain : 'effect' in verdict ? verdict.effect : 'because' in verdict ? verdict.because : '';
  return `${verdict.kind} ${what}`;
}

const resultOf = (code: Code, machine: SeenMachine): OpResult =>
  code === next ? nextResult : code === fail ? failResult : { code, verdict: machine.verdict };

const ops = new WeakMap<Op, Unit<OpResult>>();

export function opUnit(op: Op): Unit<OpResult> {
  let unit = ops.get(op);
  if (unit === undefined) {
    unit = { run: (machine) => resultOf(op.run(machine), machine), writes: op.writes, keyOf };
    ops.set(op, unit);
  }
  return unit;
}

const rules = new WeakMap<WalkRule, Unit<OpResult>>();

/** A rule as a whole: its operations hand values on in registers. */
export function ruleUnit(rule: WalkRule): Unit<OpResult> {
  let unit = rules.get(rule);
  if (unit === undefined) {
    unit = { run: (machine) => resultOf(runOps(rule.ops, machine), machine), writes: rule.ops.some(({ writes }) => writes), keyOf };
    rules.set(rule, unit);
  }
  return unit;
}

function runOps(all: readonly Op[], machine: SeenMachine): Code {
  for (const op of all) {
    const code = op.run(machine);
    if (code !== next) return code;
  }
  return next;
}

const positions = new WeakMap<WalkChain, Map<number, Unit<number>>>();

/** Where an indexed chain goes on from a position. */
export function positionUnit(chain: WalkChain, from: number): Unit<number> {
  let units = positions.get(chain);
  if (units === undefined) {
    units = new Map();
    positions.set(chain, units);
  }
  let unit = units.get(from);
  if (unit === undefined) {
    unit = {
      run: ({ packet }: { readonly packet: Packet }) => chain.nextPosition(from, packet),
      writes: false,
      keyOf: (position) => position,
    };
    units.set(from, unit);
  }
  return unit;
}

/** A step of the kernel. */
export function stepUnit<R extends string | number | null>(run: (machine: SeenMachine) => R): Unit<R> {
  return { run, writes: true, keyOf: (result) => `${result}` };
}

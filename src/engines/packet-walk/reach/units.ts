import type { WalkChain, WalkRule } from '../chain.ts';
import { type Code, fail, next, type Op } from '../op.ts';
import type { ChainEnd, RuleVerdict } from '../verdict.ts';
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

/** Units of the operations, rules and positions that one run has met. */
export class Units {
  readonly #ops = new Map<Op, Unit<OpResult>>();
  readonly #rules = new Map<WalkRule, Unit<OpResult>>();
  readonly #positions = new Map<WalkChain, Map<number, Unit<number>>>();

  op(op: Op): Unit<OpResult> {
    let unit = this.#ops.get(op);
    if (unit === undefined) {
      const exactly = op.exactly === undefined ? {} : { exactly: { ...op.exactly, yes: nextResult, no: failResult } };
      unit = { run: (machine) => resultOf(op.run(machine), machine), writes: op.writes, keyOf, ...exactly };
      this.#ops.set(op, unit);
    }
    return unit;
  }

  /** A rule as a whole: its operations hand values on in registers. */
  rule(rule: WalkRule): Unit<OpResult> {
    let unit = this.#rules.get(rule);
    if (unit === undefined) {
      unit = { run: (machine) => resultOf(runOps(rule.ops, machine), machine), writes: rule.ops.some(({ writes }) => writes), keyOf };
      this.#rules.set(rule, unit);
    }
    return unit;
  }

  /** Where an indexed chain goes on from a position. */
  position(chain: WalkChain, from: number): Unit<number> {
    let units = this.#positions.get(chain);
    if (units === undefined) {
      units = new Map();
      this.#positions.set(chain, units);
    }
    let unit = units.get(from);
    if (unit === undefined) {
      unit = { run: ({ packet }) => chain.nextPosition(from, packet), writes: false, keyOf: (position) => position };
      units.set(from, unit);
    }
    return unit;
  }
}

function runOps(all: readonly Op[], machine: SeenMachine): Code {
  for (const op of all) {
    const code = op.run(machine);
    if (code !== next) return code;
  }
  return next;
}

/** A step of the kernel that changes nothing of the packet. */
export function testUnit<R extends string | number | null>(run: (machine: SeenMachine) => R): Unit<R> {
  return { run, writes: false, keyOf: (result) => `${result}` };
}

/** A step of the kernel. */
export function stepUnit<R extends string | number | null>(run: (machine: SeenMachine) => R): Unit<R> {
  return { run, writes: true, keyOf: (result) => `${result}` };
}

/** That a unit lost the leg, as its result: the end, and what the kernel says of it. */
export const lostMark = 'lost ';
export const lostAs = (end: ChainEnd, { said }: SeenMachine): string => `${lostMark}${end}\n${end === 'undecided' ? '' : said}`;

/** A check of the kernel: '' where the packet passes. */
export function checkUnit(check: (machine: SeenMachine) => Exclude<ChainEnd, 'accept'> | null): Unit<string> {
  return testUnit((machine) => {
    machine.said = '';
    const end = check(machine);
    return end === null ? '' : lostAs(end, machine);
  });
}

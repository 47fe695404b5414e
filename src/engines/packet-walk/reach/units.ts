import type { WalkChain, WalkRule } from '../chain.ts';
import { type Code, fail, next, type Op } from '../op.ts';
import type { ChainEnd, RuleVerdict } from '../verdict.ts';
import type { SeenMachine } from './seen-machine.ts';
import { Unit, type Work } from './unit.ts';

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

/** There are as many as rules: methods are not made for each. */
class OpWork implements Work<OpResult> {
  readonly op: Op;
  readonly writes: boolean;
  readonly exactly: Work<OpResult>['exactly'];

  constructor(op: Op) {
    this.op = op;
    this.writes = op.writes;
    this.exactly = op.exactly === undefined ? undefined : { ...op.exactly, yes: nextResult, no: failResult };
  }

  run(machine: SeenMachine): OpResult {
    return resultOf(this.op.run(machine), machine);
  }

  keyOf(result: OpResult): string | number {
    return keyOf(result);
  }
}

/** Units of the operations, rules, positions and steps that one run has met. */
export class Units {
  readonly #ops = new Map<Op, Unit<OpResult>>();
  readonly #byOps = new Map<WalkRule, readonly Unit<OpResult>[]>();
  readonly #rules = new Map<WalkRule, Unit<OpResult>>();
  readonly #positions = new Map<WalkChain, Map<number, Unit<number>>>();
  readonly #steps = new Map<object, unknown>();

  /** The operations of a rule. */
  ops(rule: WalkRule): readonly Unit<OpResult>[] {
    let units = this.#byOps.get(rule);
    if (units === undefined) {
      units = rule.ops.map((op) => this.#op(op));
      this.#byOps.set(rule, units);
    }
    return units;
  }

  #op(op: Op): Unit<OpResult> {
    let unit = this.#ops.get(op);
    if (unit === undefined) {
      unit = new Unit(new OpWork(op));
      this.#ops.set(op, unit);
    }
    return unit;
  }

  /** A rule as a whole: its operations hand values on in registers. */
  rule(rule: WalkRule): Unit<OpResult> {
    let unit = this.#rules.get(rule);
    if (unit === undefined) {
      const writes = rule.ops.some((op) => op.writes);
      unit = new Unit({ run: (machine) => resultOf(runOps(rule.ops, machine), machine), writes, keyOf });
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
      unit = new Unit({ run: ({ packet }) => chain.nextPosition(from, packet), writes: false, keyOf: (position) => position });
      units.set(from, unit);
    }
    return unit;
  }

  /** A step of the kernel. */
  step<R>(work: Work<R>): Unit<R> {
    let unit = this.#steps.get(work) as Unit<R> | undefined;
    if (unit === undefined) {
      unit = new Unit(work);
      this.#steps.set(work, unit);
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
export function testUnit<R extends string | number | null>(run: (machine: SeenMachine) => R): Work<R> {
  return { run, writes: false, keyOf: (result) => `${result}` };
}

/** A step of the kernel. */
export function stepUnit<R extends string | number | null>(run: (machine: SeenMachine) => R): Work<R> {
  return { run, writes: true, keyOf: (result) => `${result}` };
}

/** That a unit lost the leg, as its result: the end, and what the kernel says of it. */
export const lostMark = 'lost ';
export const lostAs = (end: ChainEnd, { said }: SeenMachine): string => `${lostMark}${end}\n${end === 'undecided' ? '' : said}`;

/** A check of the kernel: '' where the packet passes. */
export function checkUnit(check: (machine: SeenMachine) => Exclude<ChainEnd, 'accept'> | null): Work<string> {
  return testUnit((machine) => {
    machine.said = '';
    const end = check(machine);
    return end === null ? '' : lostAs(end, machine);
  });
}

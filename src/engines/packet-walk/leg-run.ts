import type { PacketOut, Undecidable, Verdict, WalkStep } from '#facts/packet-walk.ts';
import type { Hook } from '#facts/rule.ts';
import type { WalkChain, WalkRule } from './chain.ts';
import type { Machine } from './machine.ts';
import type { PassedGroup, Weight } from './weights.ts';

/** Gaps met so far on this leg, newest first. */
export interface Gaps {
  readonly gap: Undecidable;
  readonly earlier: Gaps | null;
}

/** Steps of this leg, newest first: a rule, a policy (rule null) or what the kernel itself did (chain null). */
export interface Steps {
  readonly hook: Hook;
  readonly chain: WalkChain | null;
  readonly rule: WalkRule | null;
  readonly effect: string;
  readonly kernel: WalkStep | null;
  readonly earlier: Steps | null;
}

/** One leg that is over. */
export interface LegRun {
  readonly verdict: Verdict;
  readonly steps: Steps | null;
  readonly out: PacketOut | null;
  readonly gaps: Gaps | null;
  /** Of what was asked up to here: what is asked of the reply is not about the request. */
  readonly asked: Gaps | null;
  readonly weights: readonly Weight[];
  readonly passed: PassedGroup | null;
}

/** What is left of a machine that has come to its end. */
export type Way = Pick<Machine, 'model' | 'request' | 'reply' | 'blame'>;

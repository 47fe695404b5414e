import type { Hook } from '#facts/rule.ts';
import type { Member } from './hook-program.ts';

/** A base chain, or a step of the kernel itself, at its place. */
export interface PlacedChain {
  readonly hook: Hook;
  readonly priority: number;
  readonly nat: boolean;
  readonly member: Member;
}

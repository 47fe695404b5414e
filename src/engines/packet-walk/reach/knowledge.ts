import type { WalkRule } from '../chain.ts';
import { ChainMemory } from './chain-memory.ts';
import type { SideName } from './relation.ts';
import { Ends, Side } from './side.ts';
import { States } from './state.ts';
import { Units } from './units.ts';

/** What runs for one question learn of rules: it holds for all models of a node that differ in which of their rules there are. */
export class Knowledge {
  readonly ends = new Ends();
  readonly sides: Readonly<Record<SideName, Side>> = { x: new Side('x', this.ends), y: new Side('y', this.ends) };
  readonly states = new States();
  readonly units = new Units();
  readonly chains = new ChainMemory();
  /** Rules whose operations hand values on in registers. */
  readonly wholeRules = new Set<WalkRule>();
  /** What so many rules did is remembered; what fewer do is sooner found. */
  readonly worthKeeping: number;

  constructor({ worthKeeping = 4 }: { readonly worthKeeping?: number } = {}) {
    this.worthKeeping = worthKeeping;
  }
}

import type { WalkChain } from './chain.ts';
import { gapAt } from './gaps.ts';
import type { Machine } from './machine.ts';
import { field } from './op.ts';
import { leave, runRule } from './run-rule.ts';
import { passSegment } from './segments/pass-segment.ts';
import { nextForAll } from './siblings.ts';
import type { ChainEnd } from './verdict.ts';

/**
 * Runs one base chain over the packet, as ipt_do_table and nft_do_chain do: RETURN from the base chain, or from a chain that it went to
 * by goto, takes the policy; a goto leaves no way back to the chain it stood in. A machine that was split off goes on at its rule. Where no steps
 * are noted, stretches of rules that another packet has gone through the same way are passed at once.
 */
export function runBaseChain(base: WalkChain, machine: Machine): ChainEnd {
  if (machine.chain === null) enter(base, machine);
  const { exploration } = machine;
  for (let chain: WalkChain | null = machine.chain; chain !== null; chain = machine.chain) {
    if (!exploration.whole) {
      const end = passSegment(chain, machine);
      if (exploration.budget < 0) return exhausted(chain, machine);
      if (end === null) continue;
      if (end !== 'unknown') return done(end, machine);
    }
    if (chain.isIndexed)
      machine.position =
        machine.siblings.length === 0 ? chain.nextPosition(machine.position, machine.packet) : nextForAll(chain, machine.position, machine);
    const rule = chain.compiled[machine.position] ?? chain.rule(machine.position);
    if (rule === undefined) {
      leave(machine);
      continue;
    }
    if (--exploration.budget < 0) return exhausted(chain, machine);
    const end = runRule(rule, chain, machine);
    if (end !== null) return done(end, machine);
  }
  return policyOf(base, machine);
}

function enter(base: WalkChain, machine: Machine): void {
  machine.chain = base;
  machine.position = 0;
  machine.caller = null;
  machine.stand = null;
  machine.touched.reads |= field.tuple;
}

function done(end: ChainEnd, machine: Machine): ChainEnd {
  machine.leaveChains();
  return end;
}

function exhausted(chain: WalkChain, machine: Machine): ChainEnd {
  machine.addGap(gapAt(chain, null, 'too many rules looked at: a loop, or too many open questions'));
  return done('undecided', machine);
}

function policyOf(base: WalkChain, machine: Machine): ChainEnd {
  machine.note(base, null, 'policy');
  if (base.policy !== 'drop') return 'accept';
  if (!machine.tries) machine.blameOn(base, null, 'policy');
  return 'drop';
}

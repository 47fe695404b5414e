import type { WalkChain, WalkRule } from './chain.ts';
import { gapAt } from './gaps.ts';
import type { Machine } from './machine.ts';
import { fail, field, type Op, stop } from './op.ts';
import { nextForAll, partAfter, partBefore } from './siblings.ts';
import type { ChainEnd } from './verdict.ts';

/** nf_tables allows 16 jumps (NFT_JUMP_STACK_SIZE), x_tables as many as a table has chains: a loop is cut here. */
const maxDepth = 4096;

/**
 * Runs one base chain over the packet, as ipt_do_table and nft_do_chain do: RETURN from the base chain, or from a chain that it went to
 * by goto, takes the policy; a goto leaves no way back to the chain it stood in. A machine that was split off goes on at its rule.
 */
export function runBaseChain(base: WalkChain, machine: Machine): ChainEnd {
  if (machine.chain === null) enter(base, machine);
  for (let chain: WalkChain | null = machine.chain; chain !== null; chain = machine.chain) {
    if (chain.isIndexed)
      machine.position =
        machine.siblings.length === 0 ? chain.nextPosition(machine.position, machine.packet) : nextForAll(chain, machine.position, machine);
    const rule = chain.compiled[machine.position] ?? chain.rule(machine.position);
    if (rule === undefined) {
      leave(machine);
      continue;
    }
    if (--machine.exploration.budget < 0) return exhausted(chain, machine);
    const end = runRule(rule, chain, machine);
    if (end !== null) return done(end, machine);
  }
  return policyOf(base, machine);
}

function enter(base: WalkChain, machine: Machine): void {
  machine.chain = base;
  machine.position = 0;
  machine.caller = null;
  machine.touched.reads |= field.tuple;
}

function leave(machine: Machine): void {
  const { caller } = machine;
  machine.chain = caller?.chain ?? null;
  machine.position = caller?.next ?? 0;
  machine.caller = caller?.up ?? null;
}

function done(end: ChainEnd, machine: Machine): ChainEnd {
  machine.chain = null;
  machine.caller = null;
  return end;
}

/** Null: the machine goes on where it now stands. */
function runRule(rule: WalkRule, chain: WalkChain, machine: Machine): ChainEnd | null {
  const { runs } = rule;
  if (machine.siblings.length > 0) partBefore(rule, machine);
  const { touched } = machine;
  touched.reads |= rule.reads;
  touched.markReads |= rule.markReads & ~touched.markWrites;
  machine.beginRule(rule.guarded);
  for (let i = 0; i < runs.length; i++) {
    const code = (runs[i] as (typeof runs)[number])(machine);
    if (machine.siblings.length > 0) partAfter(rule.ops[i] as Op, code, machine);
    if (code === fail) {
      machine.endRule();
      machine.position++;
      return null;
    }
    if (code === stop) {
      machine.endRule();
      return follow(rule, chain, machine);
    }
  }
  machine.endRule();
  machine.note(chain, rule, rule.effect);
  machine.position++;
  return null;
}

function follow(rule: WalkRule, chain: WalkChain, machine: Machine): ChainEnd | null {
  const { verdict } = machine;
  if (verdict === null) throw new Error('an operation stopped without a verdict');
  switch (verdict.kind) {
    case 'accept':
      machine.note(chain, rule, 'accept');
      return 'accept';
    case 'drop':
    case 'reject':
      machine.note(chain, rule, verdict.kind);
      if (!machine.tries) machine.blameOn(chain, rule, verdict.kind);
      return verdict.kind;
    case 'return':
      machine.note(chain, rule, 'return');
      leave(machine);
      return null;
    case 'bound':
    case 'taken':
      machine.note(chain, rule, verdict.effect);
      return 'accept';
    case 'undecided':
      machine.note(chain, rule, 'unmodelled');
      machine.addGap(gapAt(chain, rule, verdict.because));
      return 'undecided';
    case 'jump':
    case 'goto':
      return jump(verdict, rule, chain, machine);
    default:
      return verdict satisfies never;
  }
}

function jump(
  to: { readonly kind: 'jump' | 'goto'; readonly chain: string },
  rule: WalkRule,
  from: WalkChain,
  machine: Machine,
): ChainEnd | null {
  const known = rule.jumpsBy === to;
  const chain = known ? rule.jumpsTo : from.table.chain(to.chain);
  if (!known) {
    rule.jumpsBy = to;
    rule.jumpsTo = chain;
  }
  machine.note(from, rule, to.kind);
  if (chain === null) {
    machine.addGap(gapAt(from, rule, `chain ${to.chain} is not in the dump`));
    return 'undecided';
  }
  if (to.kind === 'jump') {
    const depth = (machine.caller?.depth ?? 0) + 1;
    if (depth > maxDepth) {
      machine.addGap(gapAt(from, rule, `more than ${maxDepth} jumps inside each other`));
      return 'undecided';
    }
    machine.caller = { chain: from, next: machine.position + 1, up: machine.caller, depth };
  }
  machine.chain = chain;
  machine.position = 0;
  return null;
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

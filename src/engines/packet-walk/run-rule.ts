import type { WalkChain, WalkRule } from './chain.ts';
import { gapAt } from './gaps.ts';
import type { Machine } from './machine.ts';
import { fail, type Op, stop } from './op.ts';
import { partAfter, partBefore } from './siblings.ts';
import type { ChainEnd } from './verdict.ts';

/** nf_tables allows 16 jumps (NFT_JUMP_STACK_SIZE), x_tables as many as a table has chains: a loop is cut here. */
export const maxDepth = 4096;

/** Runs one rule over the machine's packet. Null: the machine goes on where it now stands. */
export function runRule(rule: WalkRule, chain: WalkChain, machine: Machine): ChainEnd | null {
  const { runs } = rule;
  noteReads(rule, machine);
  machine.beginRule(rule.guarded || (rule.guardedForSiblings && machine.siblings.length > 0));
  for (let i = 0; i < runs.length; i++) {
    if (machine.siblings.length > 0) partBefore(rule.ops[i] as Op, machine);
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

/** What the rule may look at, for the order of equal hooks. */
export function noteReads({ reads, markReads }: WalkRule, { touched }: Machine): void {
  touched.reads |= reads;
  touched.markReads |= markReads & ~touched.markWrites;
}

/** Back to the chain that jumped here; a base chain is over. */
export function leave(machine: Machine): null {
  const { caller } = machine;
  machine.chain = caller?.chain ?? null;
  machine.position = caller?.next ?? 0;
  machine.caller = caller?.up ?? null;
  return null;
}

/** Goes where the verdict sends the packet. */
export function follow(rule: WalkRule, chain: WalkChain, machine: Machine): ChainEnd | null {
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
      return leave(machine);
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

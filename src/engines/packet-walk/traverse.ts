import { ownerOfRule } from '#facts/chain-owner.ts';
import type { RuleSelector } from '#facts/packet-walk.ts';
import type { Chain, Hook, Rule } from '#facts/rule.ts';
import { type At, type ChainEnd, gapAt, type Run } from './context.ts';
import type { PacketState } from './flow.ts';
import type { BaseChain } from './hooks.ts';
import { ruleMatches } from './match.ts';
import { applyTarget } from './targets.ts';

/** The kernel refuses deeper jumps at load time (XT_TABLES jump stack, NFT_JUMP_STACK_SIZE 16); goto loops are cut here. */
const maxRules = 200_000;

interface Frame {
  readonly chain: Chain;
  next: number;
}

/**
 * Runs one base chain over the packet, as ipt_do_table and nft_do_chain do: RETURN from the base chain, or from a chain that it went to
 * by goto, takes the policy; a goto leaves no way back to the chain it stood in.
 */
export function runBaseChain(base: BaseChain, hook: Hook, packet: PacketState, run: Run): ChainEnd {
  const stack: Frame[] = [{ chain: base.chain, next: 0 }];
  for (let looked = 0; looked < maxRules; looked++) {
    const frame = stack.at(-1);
    if (frame === undefined) return policyOf(base, hook, packet, run);
    const position = run.model.ruleIndex.next(frame.chain, frame.next, packet);
    frame.next = position + 1;
    const rule = frame.chain.rules[position];
    if (rule === undefined) {
      stack.pop();
      continue;
    }
    const at: At = { base, hook, chain: frame.chain.name, rule };
    if (isLeftOut(run.model.without, at) || !ruleMatches(packet, at, run)) continue;
    const end = follow(rule, at, stack, packet, run);
    if (end !== null) return end;
  }
  run.gaps.push({
    backend: base.backend,
    table: base.table,
    chain: base.chain.name,
    rule: null,
    because: `more than ${maxRules} rules looked at: a loop`,
  });
  return 'undecided';
}

function follow(rule: Rule, at: At, stack: Frame[], packet: PacketState, run: Run): ChainEnd | null {
  const { target } = rule;
  note(at, packet, run, target.kind);
  switch (target.kind) {
    case 'accept':
      return 'accept';
    case 'drop':
    case 'reject':
      blame(at, packet, run);
      return target.kind;
    case 'return':
      stack.pop();
      return null;
    case 'jump':
    case 'goto': {
      const chain = at.base.chains.get(target.chain);
      if (chain === undefined) return undecided(at, run, `chain ${target.chain} is not in the dump`);
      if (target.kind === 'goto') stack.pop();
      stack.push({ chain, next: 0 });
      return null;
    }
    case 'unmodelled':
      return undecided(at, run, `target ${target.name} is not modelled: ${target.text}`);
    default:
      return applyTarget(target, at, packet, run);
  }
}

function undecided(at: At, run: Run, because: string): ChainEnd {
  run.gaps.push(gapAt(at, because));
  return 'undecided';
}

function policyOf(base: BaseChain, hook: Hook, packet: PacketState, run: Run): ChainEnd {
  const { chain, backend, family, table, source } = base;
  const place = { backend, family, table, chain: chain.name, rule: null, text: `policy ${chain.policy}`, source, line: chain.line };
  run.steps.push({ hook, effect: 'policy', ...place });
  if (chain.policy !== 'DROP') return 'accept';
  run.blame ??= { leg: packet.leg, packets: chain.packets, ...place };
  return 'drop';
}

function place({ base, chain, rule }: At) {
  const { backend, family, table, source } = base;
  return { backend, family, table, chain, rule: rule.index, text: rule.text, source, line: rule.line };
}

function note(at: At, _packet: PacketState, run: Run, effect: string): void {
  run.steps.push({ hook: at.hook, effect, ...place(at) });
}

function blame(at: At, packet: PacketState, run: Run): void {
  run.blame ??= { leg: packet.leg, packets: at.rule.packets, ...place(at) };
}

function isLeftOut(without: readonly RuleSelector[], at: At): boolean {
  return without.some(
    ({ backend, table, chain, owner, rule }) =>
      (backend ?? at.base.backend) === at.base.backend &&
      (table ?? at.base.table) === at.base.table &&
      (chain ?? at.chain) === at.chain &&
      (rule ?? at.rule.index) === at.rule.index &&
      (owner === undefined || owner === ownerOfRule(at.chain, at.rule)),
  );
}

import type { Hook } from '#facts/rule.ts';
import type { ChainEnd, Run } from './context.ts';
import { copyOf, hasConnection, type PacketState, stateKey } from './flow.ts';
import type { BaseChain, TableName } from './hooks.ts';
import { runBaseChain } from './traverse.ts';

/**
 * All base chains of one table's priority at one hook. Chains of equal priority run in an order that no dump shows (the last registered
 * first, nf_hook_entries_grow): both orders are tried, and where they differ the run asks which it was.
 */
export function runTable(hook: Hook, table: TableName, packet: PacketState, run: Run): ChainEnd {
  const chains = run.model.hooks.at(packet.family, hook, table);
  if (table === 'nat' && (chains.every(isIdle) || skipsNat(packet, run))) return 'accept';
  const [first, second] = chains;
  if (first === undefined) return 'accept';
  if (second === undefined || isIdle(first) || isIdle(second)) return inOrder(chains, hook, table, packet, run);
  const forward = attempt(chains, hook, table, packet, run);
  const backward = attempt(chains.toReversed(), hook, table, packet, run);
  if (forward === backward) return inOrder(chains, hook, table, packet, run);
  const answer = run.choices.ask({ key: `${packet.leg} ${hook} ${table} order`, probabilities: [null, null], gap: null, aboutOrder: true });
  return inOrder(answer === 0 ? chains : chains.toReversed(), hook, table, packet, run);
}

/** nat runs only where conntrack is on, for a connection's first packet, and never for what is not tracked. */
function skipsNat(packet: PacketState, run: Run): boolean {
  if (packet.direction === 'REPLY' || !hasConnection(packet)) return true;
  const tracks = run.model.hooks.tracks(packet.family);
  if (tracks !== 'unknown') return !tracks;
  const because = 'whether conntrack is on, and nat with it: only rules that are not modelled, or were not read, may need it';
  const gap = { backend: null, table: 'nat', chain: '*', rule: null, because };
  return run.choices.ask({ key: `${packet.family} conntrack`, probabilities: [null, null], gap }) === 1;
}

const isIdle = ({ chain }: BaseChain): boolean => chain.ruleCount === 0 && chain.policy !== 'DROP';

function inOrder(chains: readonly BaseChain[], hook: Hook, table: TableName, packet: PacketState, run: Run): ChainEnd {
  for (const base of chains) {
    const end = runBaseChain(base, hook, packet, run);
    if (end !== 'accept') return end;
    if (table === 'nat' && isBound(hook, packet)) return 'accept';
  }
  return 'accept';
}

/** The first nat chain that binds wins; the others are not looked at (nf_nat_inet_fn). */
function isBound(hook: Hook, { connection }: PacketState): boolean {
  return hook === 'prerouting' || hook === 'output' ? connection.destinationBound : connection.sourceBound;
}

/** What one order leads to, on a copy: a key of verdict and state. */
function attempt(chains: readonly BaseChain[], hook: Hook, table: TableName, packet: PacketState, run: Run): string {
  const copy = copyOf(packet);
  const end = inOrder(chains, hook, table, copy, { ...run, steps: [], gaps: [], blame: null });
  return end === 'accept' ? `accept ${stateKey(copy)}` : end;
}

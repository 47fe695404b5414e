import { type Prefix, sameAddress } from '#facts/address.ts';
import type { NatRange, Target } from '#facts/rule.ts';
import type { Machine } from '../machine.ts';
import { bindDestination, bindSource, type NatChoice, redirectAddress, sourceAddress } from '../nat.ts';
import { type Code, field, type Op, stop } from '../op.ts';
import type { RuleVerdict } from '../verdict.ts';

type NatTarget = Extract<Target, { readonly kind: 'dnat' | 'snat' | 'masquerade' | 'redirect' | 'netmap' }>;

/** NAT targets bind the connection and end the nat chains of this hook. */
export function natOp(target: NatTarget): Op {
  const run = (machine: Machine): Code => {
    machine.verdict = bind(target, machine);
    return stop;
  };
  const sendsTo = target.kind === 'dnat' ? onlyEnd(target.to) : undefined;
  return { run, asks: true, reads: field.tuple | field.tracking, markReads: 0, writes: true, ...(sendsTo !== undefined && { sendsTo }) };
}

/** The identifier of a ping is drawn where a port would be. */
function onlyEnd({ first, last, ports, flags }: NatRange): Op['sendsTo'] {
  if (flags.some((flag) => flag.startsWith('--random')) || first === null || last === null || !sameAddress(first, last)) return undefined;
  return ports === null || ports.first === ports.last ? { address: first, port: ports?.first ?? null, effect: 'dnat' } : undefined;
}

function bind(target: NatTarget, machine: Machine): RuleVerdict {
  switch (target.kind) {
    case 'dnat':
      return bindDestination(machine, choiceOf(target.to), 'dnat');
    case 'redirect': {
      const address = redirectAddress(machine);
      if (address === null) return { kind: 'undecided', because: 'REDIRECT to an address that the snapshot does not tell' };
      if (address === 'none') return { kind: 'drop' };
      return bindDestination(machine, { ...choiceOf(target.to), first: address, last: address }, 'redirect');
    }
    case 'snat':
      return bindSource(machine, choiceOf(target.to), 'snat');
    case 'masquerade': {
      const address = sourceAddress(machine);
      if (address === null)
        return { kind: 'undecided', because: `MASQUERADE: which address of ${machine.packet.outInterface} is taken is not known` };
      if (address === 'none') return { kind: 'drop' };
      return bindSource(machine, { ...choiceOf(target.to), first: address, last: address }, 'masquerade');
    }
    case 'netmap':
      return netmap(target.prefix, machine);
    default:
      return target satisfies never;
  }
}

/** xt_NETMAP.c: the prefix of the target, the rest of the packet's own; destinations before routing, sources after it. */
function netmap({ words, mask, family }: Prefix, machine: Machine): RuleVerdict {
  const atDestination = machine.hook === 'prerouting' || machine.hook === 'output';
  const own = (atDestination ? machine.packet.destination : machine.packet.source).address.words;
  const mapped = words.map((word, i) => (word | ((own[i] as number) & ~(mask[i] as number))) >>> 0);
  const address = { family, words: mapped };
  const choice = { first: address, last: address, ports: null, randomPort: false };
  return atDestination ? bindDestination(machine, choice, 'netmap') : bindSource(machine, choice, 'netmap');
}

function choiceOf({ first, last, ports, flags }: NatRange): NatChoice {
  return { first, last, ports, randomPort: flags.some((flag) => flag.startsWith('--random')) };
}

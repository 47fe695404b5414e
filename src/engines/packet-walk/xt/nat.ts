import type { NatRange, Target } from '#facts/rule.ts';
import type { Machine } from '../machine.ts';
import { bindDestination, bindSource, type NatChoice, redirectAddress, sourceAddress } from '../nat.ts';
import { type Code, field, type Op, stop } from '../op.ts';

type NatTarget = Extract<Target, { readonly kind: 'dnat' | 'snat' | 'masquerade' | 'redirect' | 'netmap' }>;

/** NAT targets bind the connection and end the nat chains of this hook. */
export function natOp(target: NatTarget): Op {
  const run = (machine: Machine): Code => {
    machine.verdict = bind(target, machine);
    return stop;
  };
  return { run, asks: true, reads: field.tuple | field.tracking, markReads: 0, writes: true };
}

function bind(target: NatTarget, machine: Machine): NonNullable<Machine['verdict']> {
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
      return { kind: 'undecided', because: 'target NETMAP is not modelled' };
    default:
      return target satisfies never;
  }
}

function choiceOf({ first, last, ports, flags }: NatRange): NatChoice {
  return { first, last, ports, randomPort: flags.some((flag) => flag.startsWith('--random')) };
}

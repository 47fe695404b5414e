import type { Address, Family } from '#facts/address.ts';
import type { NftExpression, NftRegister } from '#facts/nft.ts';
import type { PortRange } from '#facts/rule.ts';
import type { Machine } from '../machine.ts';
import { bindDestination, bindSource, type NatChoice, redirectAddress, sourceAddress } from '../nat.ts';
import { type Code, field, type Op, stop } from '../op.ts';
import type { RuleVerdict } from '../verdict.ts';
import { swap16, swap32 } from './bytes.ts';
import type { NftContext } from './context.ts';
import type { Registers } from './registers.ts';

type Nat = Extract<NftExpression, { readonly kind: 'nat' | 'masquerade' | 'redirect' }>;

const unknownRegisters: RuleVerdict = { kind: 'undecided', because: 'nat to an address or port that is not known' };

/** Nothing for a rule of another family's packets in an `inet` table, which goes on (nft_nat_inet_eval in net/netfilter/nft_nat.c). */
export function natOps(expression: Nat, { family }: NftContext): readonly Op[] {
  if (expression.kind === 'nat' && expression.family !== family && expression.family !== 'inet') return [];
  const run = (machine: Machine): Code => {
    machine.verdict = bind(expression, family, machine);
    return stop;
  };
  return [{ run, asks: true, reads: field.tuple | field.tracking, markReads: 0, writes: true }];
}

function bind(expression: Nat, family: Family, machine: Machine): RuleVerdict {
  const { registers } = machine;
  const ports = portsOf(expression, registers);
  if (ports === 'unknown') return unknownRegisters;
  const randomPort = expression.flags.some((flag) => flag === 'random' || flag === 'fully-random');
  if (expression.kind === 'nat') return bindTo(expression, { family, ports, randomPort }, machine);
  if (expression.kind === 'redirect') {
    const address = redirectAddress(machine);
    if (address === null) return { kind: 'undecided', because: 'redirect to an address that the snapshot does not tell' };
    if (address === 'none') return { kind: 'drop' };
    return bindDestination(machine, { first: address, last: address, ports, randomPort }, 'redirect');
  }
  const address = sourceAddress(machine);
  if (address === null)
    return { kind: 'undecided', because: `masquerade: which address of ${machine.packet.outInterface} is taken is not known` };
  if (address === 'none') return { kind: 'drop' };
  return bindSource(machine, { first: address, last: address, ports, randomPort }, 'masquerade');
}

type Chosen = Pick<NatChoice, 'ports' | 'randomPort'> & { readonly family: Family };

function bindTo(expression: Extract<Nat, { readonly kind: 'nat' }>, chosen: Chosen, machine: Machine): RuleVerdict {
  const { addressFrom, addressTo, flags, type } = expression;
  if (flags.includes('netmap')) return { kind: 'undecided', because: 'nat that rewrites prefixes is not modelled' };
  const { registers } = machine;
  const { family, ports, randomPort } = chosen;
  const first = addressFrom === null ? null : addressAt(addressFrom, family, registers);
  const last = addressFrom === null ? null : addressAt(addressTo ?? addressFrom, family, registers);
  if (first === 'unknown' || last === 'unknown') return unknownRegisters;
  return type === 'dnat'
    ? bindDestination(machine, { first, last, ports, randomPort }, 'dnat')
    : bindSource(machine, { first, last, ports, randomPort }, 'snat');
}

export function addressAt(at: NftRegister, family: Family, registers: Registers): Address | 'unknown' {
  const words = family === 'ip' ? 1 : 4;
  if (!registers.isKnown(at, words * 4)) return 'unknown';
  return { family, words: Array.from({ length: words }, (_, i) => swap32(registers.words[at + i] as number)) };
}

function portsOf({ portFrom, portTo }: Nat, registers: Registers): PortRange | null | 'unknown' {
  if (portFrom === null) return null;
  const last = portTo ?? portFrom;
  if (!registers.isKnown(portFrom, 2) || !registers.isKnown(last, 2)) return 'unknown';
  return { first: swap16(registers.words[portFrom] as number), last: swap16(registers.words[last] as number) };
}

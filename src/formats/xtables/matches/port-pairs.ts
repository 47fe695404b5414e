import type { Match } from '#facts/rule.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import { option, ranged } from '../words.ts';

export type Module = 'tcp' | 'udp' | 'sctp' | 'dccp' | 'udplite';
type Side = 'source' | 'destination';

/** Two ports beside each other, and whether the kernel compares and negates them. */
export interface Ports {
  readonly side: Side;
  readonly first: number;
  readonly last: number;
  readonly negated: boolean;
}

export const isAny = ({ first, last }: Ports): boolean => first === 0 && last === 65535;

export const portsAt = (blob: Blob, offset: number, side: Side, negated: boolean): Ports => ({
  side,
  first: blob.u16(offset),
  last: blob.u16(offset + 2),
  negated,
});

export function portMatch(module: Module, { side, first, last, negated }: Ports): Match {
  if (first > last) throw new UnreadableValue(`port range '${first}:${last}'`);
  return { kind: 'ports', module, side, ranges: [{ first, last }], negated };
}

export function portWords(ports: readonly Ports[]): string {
  return ports
    .map(({ side, first, last, negated }) => option(side === 'source' ? '--sport' : '--dport', ranged(first, last), negated))
    .join('');
}

/** A negated range of all ports is a condition that never holds; iptables 1.8.9 does not print it. */
export const conditions = (ports: readonly Ports[]): readonly Ports[] => ports.filter((each) => !isAny(each) || each.negated);

import type { Packet } from '../packet.ts';
import type { CompiledSet } from './compiled-set.ts';
import type { Fit } from './look-up.ts';
import { type Direction, interfaceOf } from './packet-words.ts';

const always = (): Fit => 'fits';

/** What is left to compare where the tuples are the same. */
export function fitOf({ set, layout }: CompiledSet, packet: Packet, directions: readonly Direction[]): (member: number) => Fit {
  const { parts } = layout.type;
  const last = parts.length - 1;
  if (parts[last] !== 'iface') return always;
  const name = interfaceOf(packet, directions[last] as Direction);
  return (index) => {
    const { text, wildcard } = set.members[index] as (typeof set.members)[number];
    const own = text.slice(text.indexOf(',') + 1);
    // x_tables never asks for bridge ports. Such a member is in another place of the hash, or by chance in the same.
    if (own.startsWith('physdev:')) return 'may count';
    return (wildcard ? name.startsWith(own) : name === own) ? 'fits' : 'counts';
  };
}

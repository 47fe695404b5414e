import type { Packet } from '../packet.ts';
import type { CompiledSet } from './compiled-set.ts';
import type { Fit } from './look-up.ts';
import { type Direction, frameIsNotGiven, interfaceOf, macOf } from './packet-words.ts';

const always = (): Fit => 'fits';

/** What is left to compare where the tuples are the same. */
export function fitOf({ set, layout }: CompiledSet, packet: Packet, directions: readonly Direction[]): (member: number) => Fit {
  const { parts } = layout.type;
  const last = parts.length - 1;
  const direction = directions[last] as Direction;
  const part = (index: number): string => {
    const { text } = set.members[index] as (typeof set.members)[number];
    const comma = text.indexOf(',');
    return comma < 0 ? '' : text.slice(comma + 1);
  };
  if (parts[last] === 'learned-mac') return (index) => fitOfMac(part(index), macOf(packet, direction));
  if (parts[last] !== 'iface') return always;
  const name = interfaceOf(packet, direction);
  return (index) => {
    const own = part(index);
    // x_tables never asks for bridge ports. Such a member is in another place of the hash, or by chance in the same.
    if (own.startsWith('physdev:')) return 'may count';
    return (set.members[index]?.wildcard ? name.startsWith(own) : name === own) ? 'fits' : 'counts';
  };
}

/** A member without a MAC learns that of the first packet, and fits any until then. */
function fitOfMac(own: string, mac: string | null): Fit {
  if (own === '') return 'fits';
  if (mac === null) return { open: frameIsNotGiven };
  return own.toLowerCase() === mac.toLowerCase() ? 'fits' : 'no';
}

import type { Match, PortRange } from '#facts/rule.ts';
import { byOption, type Decode } from './by-option.ts';
import type { Option } from './segments.ts';
import { portRange, UnreadableValue, uint32 } from './values.ts';

/** Matches on fields of the packet, as iptables-save prints them. */

function byte(text: string | undefined): number {
  const value = uint32(text);
  if (value > 255) throw new UnreadableValue(`byte '${text}'`);
  return value;
}

const comparison =
  (compare: 'eq' | 'ne' | 'lt' | 'gt') =>
  ({ values, negated }: Option): Match => {
    if (!negated) return { kind: 'ttl', compare, value: byte(values[0]) };
    if (compare !== 'eq') throw new UnreadableValue('negated comparison');
    return { kind: 'ttl', compare: 'ne', value: byte(values[0]) };
  };

const ttl = (name: 'ttl' | 'hl'): Decode =>
  byOption({
    [`--${name}-eq`]: comparison('eq'),
    [`--${name}`]: comparison('eq'),
    [`--${name}-lt`]: comparison('lt'),
    [`--${name}-gt`]: comparison('gt'),
  });

/** `--tos 0x10/0xff`; without a mask all bits count. Names (`--dscp-class`) are printed as numbers. */
function tosMatch({ values, negated }: Option): Match {
  const [value, mask, more] = (values[0] ?? '').split('/');
  if (more !== undefined) throw new UnreadableValue(`tos '${values[0]}'`);
  return { kind: 'tos', value: byte(value), mask: mask === undefined ? 0xff : byte(mask), negated };
}

function dscpMatch({ values, negated }: Option): Match {
  const value = byte(values[0]);
  if (value > 63) throw new UnreadableValue(`dscp '${values[0]}'`);
  return { kind: 'tos', value: value << 2, mask: 0xfc, negated };
}

const packetTypes = ['unicast', 'broadcast', 'multicast'] as const;

function packetType({ values, negated }: Option): Match {
  const type = packetTypes.find((name) => name === values[0]);
  if (type === undefined) throw new UnreadableValue(`packet type '${values[0]}'`);
  return { kind: 'packet-type', type, negated };
}

function macSource({ values, negated }: Option): Match {
  const mac = (values[0] ?? '').toLowerCase();
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) throw new UnreadableValue(`address '${values[0]}'`);
  return { kind: 'mac-source', mac, negated };
}

const lengths = ({ values, negated }: Option): Match => {
  const range: PortRange = portRange(values[0]);
  return { kind: 'length', range, negated };
};

export const packetFields: Readonly<Record<string, Decode>> = {
  ttl: ttl('ttl'),
  hl: ttl('hl'),
  length: byOption({ '--length': lengths }),
  tos: byOption({ '--tos': tosMatch }),
  dscp: byOption({ '--dscp': dscpMatch }),
  pkttype: byOption({ '--pkt-type': packetType }),
  mac: byOption({ '--mac-source': macSource }),
};

import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { type Code, fail, field, next, type Op } from '../op.ts';
import type { Packet } from '../packet.ts';
import type { Load } from './load.ts';
import { payloadIsThere } from './payload.ts';

type Exthdr = Extract<NftExpression, { readonly kind: 'exthdr' }>;

const protocols: Readonly<Record<string, number>> = { tcp: 6, sctp: 132, dccp: 33 };
const minimum: Readonly<Record<string, number>> = { tcp: 20, sctp: 12, dccp: 12 };
const fragmentHeader = 44;

/**
 * Extension headers, options and chunks (net/netfilter/nft_exthdr.c). A probe's packet has no IPv4 options, and of IPv6's headers at most that of a
 * fragment; which TCP options it has is not told. What is not there makes the load fail, or gives 0 where only its presence is asked.
 */
export function exthdrLoad(expression: Exthdr): Load {
  const { to, length, present, header, type } = expression;
  const because = `${header} option or header ${type} is not known`;
  return {
    to,
    length: present ? 1 : length,
    reads: field.none,
    markReads: 0,
    asks: false,
    scalar: null,
    load: ({ packet }, registers) => {
      const found = hasHeader(expression, packet);
      if (found === 'family') return false;
      if (!present && found === false) return false;
      if (present && found !== 'unknown') registers.set(to, found ? 1 : 0);
      else registers.setUnknown(to, present ? 1 : length, because);
      return true;
    },
  };
}

/** `family`: the header is not one of such packets, and even asking for it fails. */
function hasHeader({ header, type }: Exthdr, packet: Packet): boolean | 'unknown' | 'family' {
  switch (header) {
    case 'ipv6':
      if (packet.family !== 'ip6') return 'family';
      return type === fragmentHeader && (packet.fragmentOffset > 0 || packet.moreFragments);
    case 'ipv4':
      return packet.family === 'ip' ? false : 'family';
    default:
      return packet.protocol === protocols[header] && hasWhole(header, packet) ? 'unknown' : false;
  }
}

function hasWhole(header: string, packet: Packet): boolean {
  return payloadIsThere({ base: 'transport', offset: 0, length: minimum[header] ?? 0 }, packet);
}

/** TCP options are nothing that a walk looks at; what is no TCP makes the rule fail (nft_exthdr_tcp_set_eval). */
export function exthdrSetOp({ header }: Extract<NftExpression, { readonly kind: 'exthdr-set' }>): Op {
  const run = ({ packet }: Machine): Code => (packet.protocol === protocols[header] && hasWhole(header, packet) ? next : fail);
  return { run, asks: false, reads: field.none, markReads: 0, writes: false };
}

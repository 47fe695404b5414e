import { type Address, formatAddress } from '#facts/address.ts';
import type { NatRange, Target } from '#facts/rule.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import { bitsOf } from '../addresses.ts';
import type { Blob } from '../blob.ts';
import type { Modules, TargetModule, XtContext } from '../module.ts';
import { option, ranged, when } from '../words.ts';

/** NF_NAT_RANGE_* (include/uapi/linux/netfilter/nf_nat.h). */
const flag = { addresses: 1, ports: 2, random: 4, persistent: 8, randomFully: 16, offset: 32 } as const;
const flagOptions = [
  { bit: flag.random, name: '--random' },
  { bit: flag.randomFully, name: '--random-fully' },
  { bit: flag.persistent, name: '--persistent' },
];

interface RawRange {
  readonly flags: number;
  readonly first: Address;
  readonly last: Address;
  readonly firstPort: number;
  readonly lastPort: number;
  /** Where a range of ports shifts from (nf_nat_range2). */
  readonly basePort: number;
}

type ReadRange = (blob: Blob, context: XtContext) => RawRange;

/** struct nf_nat_ipv4_multi_range_compat: a count, which is one since Linux 2.6.11, and the range. */
function ipv4Range(blob: Blob): RawRange {
  if (blob.u32(0) !== 1) throw new UnreadableValue(`${blob.u32(0)} destinations`);
  return {
    flags: blob.u32(4),
    first: blob.address(8, 'ip'),
    last: blob.address(12, 'ip'),
    firstPort: blob.be16(16),
    lastPort: blob.be16(18),
    basePort: 0,
  };
}

/** struct nf_nat_range, struct nf_nat_range2. */
const anyRange =
  (withBase: boolean): ReadRange =>
  (blob, { family }) => ({
    flags: blob.u32(0),
    first: blob.address(4, family),
    last: blob.address(20, family),
    firstPort: blob.be16(36),
    lastPort: blob.be16(38),
    basePort: withBase ? blob.be16(40) : 0,
  });

function natRange(range: RawRange): NatRange {
  const { flags, first, last, firstPort, lastPort } = range;
  if ((flags & ~31) !== 0) throw new UnreadableValue(`NAT range '${rangeText(range)}'`);
  if (firstPort > lastPort) throw new UnreadableValue(`port range '${firstPort}-${lastPort}'`);
  const hasAddresses = (flags & flag.addresses) !== 0;
  return {
    first: hasAddresses ? first : null,
    last: hasAddresses ? last : null,
    ports: (flags & flag.ports) === 0 ? null : { first: firstPort, last: lastPort },
    flags: flagOptions.filter(({ bit }) => (flags & bit) !== 0).map(({ name }) => name),
  };
}

const flagWords = ({ flags }: RawRange): string => flagOptions.map(({ bit, name }) => when((flags & bit) !== 0, name)).join('');

function rangeText({ flags, first, last, firstPort, lastPort, basePort }: RawRange): string {
  const hasPorts = (flags & flag.ports) !== 0;
  const [from, to] = [formatAddress(first), formatAddress(last)];
  const plain = (flags & flag.addresses) === 0 ? '' : from === to ? from : `${from}-${to}`;
  const addresses = first.family === 'ip6' && hasPorts && plain !== '' ? `[${plain}]` : plain;
  const base = (flags & flag.offset) === 0 ? '' : `/${basePort}`;
  return addresses + (hasPorts ? `:${ranged(firstPort, lastPort, '-')}${base}` : '');
}

function toAddress(kind: 'dnat' | 'snat', size: number, read: ReadRange): TargetModule {
  return {
    size,
    target: (blob, context) => ({ kind, to: natRange(read(blob, context)) }),
    words(blob, context) {
      const range = read(blob, context);
      return option(kind === 'dnat' ? '--to-destination' : '--to-source', rangeText(range)) + flagWords(range);
    },
  };
}

/** MASQUERADE and REDIRECT look at ports and flags only. */
function toPorts(kind: 'masquerade' | 'redirect', size: number, read: ReadRange): TargetModule {
  return {
    size,
    target: (blob, context): Target => ({ kind, to: { ...natRange(read(blob, context)), first: null, last: null } }),
    words(blob, context) {
      const range = read(blob, context);
      const ports = (range.flags & flag.ports) !== 0;
      return when(ports, '--to-ports', ranged(range.firstPort, range.lastPort, '-')) + flagWords(range);
    },
  };
}

/** The bits in which first and last address differ are kept (xt_NETMAP.c, netmap_tg6). */
function netmap(size: number, read: ReadRange): TargetModule {
  const prefixOf = (blob: Blob, context: XtContext) => {
    const { flags, first, last } = read(blob, context);
    if ((flags & flag.addresses) === 0) throw new UnreadableValue('NETMAP without a network');
    const mask = first.words.map((word, i) => ~(word ^ (last.words[i] as number)) >>> 0);
    const words = first.words.map((word, i) => (word & (mask[i] as number)) >>> 0);
    return { family: first.family, words, mask, bits: bitsOf(mask), first };
  };
  return {
    size,
    target(blob, context) {
      const { first: _, ...prefix } = prefixOf(blob, context);
      return { kind: 'netmap', prefix };
    },
    words(blob, context) {
      const { first, mask, bits } = prefixOf(blob, context);
      return option('--to', `${formatAddress(first)}/${bits ?? formatAddress({ family: first.family, words: mask })}`);
    },
  };
}

/** struct ip6t_npt_tginfo: prefixes for prefixes, without a connection. Printed, not modelled. */
const prefixTranslation: TargetModule = {
  size: 36,
  words: (blob) =>
    option('--src-pfx', `${formatAddress(blob.address(0, 'ip6'))}/${blob.u8(32)}`) +
    option('--dst-pfx', `${formatAddress(blob.address(16, 'ip6'))}/${blob.u8(33)}`),
};

const ofIpv4 = { size: 20, read: ipv4Range } as const;
const ofBoth = { size: 40, read: anyRange(false) } as const;

export const natModules: Modules<TargetModule> = {
  'DNAT/0': toAddress('dnat', ofIpv4.size, ofIpv4.read),
  'DNAT/1': toAddress('dnat', ofBoth.size, ofBoth.read),
  'DNAT/2': toAddress('dnat', 44, anyRange(true)),
  'SNAT/0': toAddress('snat', ofIpv4.size, ofIpv4.read),
  'SNAT/1': toAddress('snat', ofBoth.size, ofBoth.read),
  'SNAT/2': toAddress('snat', 44, anyRange(true)),
  'MASQUERADE/0/ip': toPorts('masquerade', ofIpv4.size, ofIpv4.read),
  'MASQUERADE/0/ip6': toPorts('masquerade', ofBoth.size, ofBoth.read),
  'REDIRECT/0/ip': toPorts('redirect', ofIpv4.size, ofIpv4.read),
  'REDIRECT/0/ip6': toPorts('redirect', ofBoth.size, ofBoth.read),
  'NETMAP/0/ip': netmap(ofIpv4.size, ofIpv4.read),
  'NETMAP/0/ip6': netmap(ofBoth.size, ofBoth.read),
  'DNPT/0': prefixTranslation,
  'SNPT/0': prefixTranslation,
};

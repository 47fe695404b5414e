import { formatAddress } from '#facts/address.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import { bitsOf } from '../addresses.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { namesOfBits, numberRange, option, ranged, when } from '../words.ts';

/** Extension headers of IPv6 that rules here hardly ever look at: we print them, and model none. */

const fragment: MatchModule = {
  size: 16,
  words(blob) {
    const [flags, inverted] = [blob.u8(12), blob.u8(13)];
    const has = (bit: number): boolean => (flags & bit) !== 0;
    return (
      numberRange(blob, 0, '--fragid', (inverted & 1) !== 0) +
      (blob.u32(8) !== 0 || (inverted & 2) !== 0 ? option('--fraglen', blob.u32(8), (inverted & 2) !== 0) : '') +
      when(has(4), '--fragres') +
      when(has(8), '--fragfirst') +
      when(has(16), '--fragmore') +
      when(has(32), '--fraglast')
    );
  },
};

function hopList(blob: Blob): string {
  const count = blob.u8(276);
  if (count > 16) throw new UnreadableValue(`${count} addresses`);
  return Array.from({ length: count }, (_, i) => formatAddress(blob.address(20 + i * 16, 'ip6'))).join(',');
}

const routing: MatchModule = {
  size: 280,
  words(blob) {
    const [flags, inverted] = [blob.u8(16), blob.u8(17)];
    const has = (bit: number): boolean => (flags & bit) !== 0;
    const not = (bit: number): boolean => (inverted & bit) !== 0;
    return [
      has(1) ? option('--rt-type', blob.u32(0), not(1)) : '',
      numberRange(blob, 4, '--rt-segsleft', not(2)),
      has(4) ? option('--rt-len', blob.u32(12), not(4)) : '',
      when(has(8), '--rt-0-res'),
      when(blob.u8(276) > 0, '--rt-0-addrs', hopList(blob)),
      when(has(32), '--rt-0-not-strict'),
    ].join('');
  },
};

function optionList(blob: Blob): string {
  const count = blob.u8(38);
  if (count > 16) throw new UnreadableValue(`${count} options`);
  return Array.from({ length: count }, (_, i) => {
    const value = blob.u16(6 + i * 2);
    const [type, length] = [value >> 8, value & 0xff];
    return length === 0xff ? String(type) : `${type}:${length}`;
  }).join(',');
}

/** `hbh` and `dst`: struct ip6t_opts. */
const headerOptions = (name: 'hbh' | 'dst'): MatchModule => ({
  size: 40,
  words(blob) {
    const [flags, inverted] = [blob.u8(4), blob.u8(5)];
    return (
      ((flags & 1) !== 0 ? option(`--${name}-len`, blob.u32(0), (inverted & 1) !== 0) : '') +
      when(blob.u8(38) > 0, `--${name}-opts`, optionList(blob)) +
      when((flags & 4) !== 0, `--${name}-not-strict`)
    );
  },
});

const headerNames = ['protocol', 'ipv6-nonxt', 'esp', 'ah', 'ipv6-frag', 'ipv6-route', 'ipv6-opts', 'hop-by-hop'];

const headers: MatchModule = {
  size: 3,
  words(blob) {
    // Highest bit first: the order of headers in a packet.
    const names = [...namesOfBits(blob.u8(0), headerNames)].reverse();
    return option('--header', names.join(','), blob.u8(1) !== 0) + when(blob.u8(2) !== 0, '--soft');
  },
};

const mobility: MatchModule = {
  size: 3,
  words(blob) {
    const [first, last, inverted] = [blob.u8(0), blob.u8(1), blob.u8(2)];
    return first === 0 && last === 255 && inverted === 0 ? '' : option('--mh-type', ranged(first, last), inverted !== 0);
  },
};

const eui64: MatchModule = { size: 4, words: () => '' };

/** IP6T_SRH_* bits and where struct ip6t_srh1 keeps what they compare; three comparisons share a field. */
const segmentOptions = [
  { bit: 1, name: '--srh-next-hdr', at: 0 },
  { bit: 2, name: '--srh-hdr-len-eq', at: 1 },
  { bit: 4, name: '--srh-hdr-len-gt', at: 1 },
  { bit: 8, name: '--srh-hdr-len-lt', at: 1 },
  { bit: 0x10, name: '--srh-segs-left-eq', at: 2 },
  { bit: 0x20, name: '--srh-segs-left-gt', at: 2 },
  { bit: 0x40, name: '--srh-segs-left-lt', at: 2 },
  { bit: 0x80, name: '--srh-last-entry-eq', at: 3 },
  { bit: 0x100, name: '--srh-last-entry-gt', at: 3 },
  { bit: 0x200, name: '--srh-last-entry-lt', at: 3 },
] as const;
const segmentAddresses = [
  { bit: 0x800, name: '--srh-psid', at: 8 },
  { bit: 0x1000, name: '--srh-nsid', at: 24 },
  { bit: 0x2000, name: '--srh-lsid', at: 40 },
] as const;

const segmentRouting = (revision: 0 | 1): MatchModule => {
  const flagsAt = revision === 0 ? 6 : 104;
  return {
    size: revision === 0 ? 10 : 108,
    words(blob) {
      const [flags, inverted] = [blob.u16(flagsAt), blob.u16(flagsAt + 2)];
      const given = (bit: number, name: string, value: () => string | number): string =>
        (flags & bit) === 0 ? '' : option(name, value(), (inverted & bit) !== 0);
      const prefix = (at: number): string => {
        const mask = blob.address(at + 48, 'ip6');
        return `${formatAddress(blob.address(at, 'ip6'))}/${bitsOf(mask.words) ?? formatAddress(mask)}`;
      };
      return [
        ...segmentOptions.map(({ bit, name, at }) => given(bit, name, () => blob.u8(at))),
        given(0x400, '--srh-tag', () => blob.u16(4)),
        ...(revision === 0 ? [] : segmentAddresses.map(({ bit, name, at }) => given(bit, name, () => prefix(at)))),
      ].join('');
    },
  };
};

export const ipv6HeaderModules: Modules<MatchModule> = {
  'frag/0': fragment,
  'rt/0': routing,
  'hbh/0': headerOptions('hbh'),
  'dst/0': headerOptions('dst'),
  'ipv6header/0': headers,
  'mh/0': mobility,
  'eui64/0': eui64,
  'srh/0': segmentRouting(0),
  'srh/1': segmentRouting(1),
};

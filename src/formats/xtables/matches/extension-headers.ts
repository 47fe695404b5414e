import { formatAddress } from '#facts/address.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { hex, namesOfBits, option, ranged, when } from '../words.ts';

/** Headers of IPsec and of IPv6 that rules here hardly ever look at: we print them, and model none. */

const all = 0xffffffff;

/** A range of numbers at `at`; all of them is no condition unless inverted. */
function numberRange(blob: Blob, at: number, name: string, inverted: boolean): string {
  const [first, last] = [blob.u32(at), blob.u32(at + 4)];
  return first === 0 && last === all && !inverted ? '' : option(name, ranged(first, last), inverted);
}

const esp: MatchModule = { size: 12, words: (blob) => numberRange(blob, 0, '--espspi', (blob.u8(8) & 1) !== 0) };
const ah4: MatchModule = { size: 12, words: (blob) => numberRange(blob, 0, '--ahspi', (blob.u8(8) & 1) !== 0) };

const ah6: MatchModule = {
  size: 16,
  words(blob) {
    const inverted = blob.u8(13);
    const length = blob.u32(8);
    return (
      numberRange(blob, 0, '--ahspi', (inverted & 1) !== 0) +
      (length !== 0 || (inverted & 2) !== 0 ? option('--ahlen', length, (inverted & 2) !== 0) : '') +
      when(blob.u8(12) !== 0, '--ahres')
    );
  },
};

const ipcomp: MatchModule = {
  size: 12,
  words: (blob) => numberRange(blob, 0, '--ipcompspi', (blob.u8(8) & 1) !== 0) + when(blob.u8(9) !== 0, '--compres'),
};

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

const headerNames = ['protocol', 'none', 'esp', 'ah', 'frag', 'route', 'dst', 'hop'];

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

const realm: MatchModule = {
  size: 12,
  words: (blob) => option('--realm', `${hex(blob.u32(0))}${blob.u32(4) === all ? '' : `/${hex(blob.u32(4))}`}`, blob.u8(8) !== 0),
};

const deviceGroup: MatchModule = {
  size: 20,
  words(blob) {
    const flags = blob.u32(0);
    const group = (at: number): string => `${hex(blob.u32(at))}${blob.u32(at + 4) === all ? '' : `/${hex(blob.u32(at + 4))}`}`;
    return (
      ((flags & 1) !== 0 ? option('--src-group', group(4), (flags & 2) !== 0) : '') +
      ((flags & 4) !== 0 ? option('--dst-group', group(12), (flags & 8) !== 0) : '')
    );
  },
};

const segmentSize: MatchModule = {
  size: 6,
  words: (blob) => option('--mss', ranged(blob.u16(0), blob.u16(2)), blob.u8(4) !== 0),
};

/** struct nf_osf_info: genre, its length, flags (1 genre, 2 ttl, 4 log, 8 inverted), log level, ttl. */
const fingerprint: MatchModule = {
  size: 48,
  words: (blob) =>
    option('--genre', blob.text(0, 32), (blob.u32(36) & 8) !== 0) +
    when((blob.u32(36) & 2) !== 0, '--ttl', blob.u32(44)) +
    when((blob.u32(36) & 4) !== 0, '--log', blob.u32(40)),
};

export const headerModules: Modules<MatchModule> = {
  'esp/0': esp,
  'ah/0/ip': ah4,
  'ah/0/ip6': ah6,
  'ipcomp/0': ipcomp,
  'frag/0': fragment,
  'rt/0': routing,
  'hbh/0': headerOptions('hbh'),
  'dst/0': headerOptions('dst'),
  'ipv6header/0': headers,
  'mh/0': mobility,
  'eui64/0': eui64,
  'realm/0': realm,
  'devgroup/0': deviceGroup,
  'tcpmss/0': segmentSize,
  'osf/0': fingerprint,
};

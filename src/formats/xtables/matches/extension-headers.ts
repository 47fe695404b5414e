import type { MatchModule, Modules } from '../module.ts';
import { hex, numberRange, option, ranged, when } from '../words.ts';

/** Headers of IPsec, and routing's and links' numbers, that rules here hardly ever look at: we print them, and model none. */

const all = 0xffffffff;

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
  'realm/0': realm,
  'devgroup/0': deviceGroup,
  'tcpmss/0': segmentSize,
  'osf/0': fingerprint,
};

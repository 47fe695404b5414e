import type { Match, PortRange } from '#facts/rule.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { nameOf, namesOfBits, option, ranged } from '../words.ts';

type Module = 'tcp' | 'udp' | 'sctp' | 'dccp' | 'udplite';
type Side = 'source' | 'destination';

/** Two ports beside each other, and whether the kernel compares and negates them. */
interface Ports {
  readonly side: Side;
  readonly first: number;
  readonly last: number;
  readonly negated: boolean;
}

const isAny = ({ first, last }: Ports): boolean => first === 0 && last === 65535;

const portsAt = (blob: Blob, offset: number, side: Side, negated: boolean): Ports => ({
  side,
  first: blob.u16(offset),
  last: blob.u16(offset + 2),
  negated,
});

function portMatch(module: Module, { side, first, last, negated }: Ports): Match {
  if (first > last) throw new UnreadableValue(`port range '${first}:${last}'`);
  return { kind: 'ports', module, side, ranges: [{ first, last }], negated };
}

function portWords(ports: readonly Ports[]): string {
  return ports
    .map(({ side, first, last, negated }) => option(side === 'source' ? '--sport' : '--dport', ranged(first, last), negated))
    .join('');
}

/** A negated range of all ports is a condition that never holds; iptables 1.8.9 does not print it. */
const conditions = (ports: readonly Ports[]): readonly Ports[] => ports.filter((each) => !isAny(each) || each.negated);

/** struct xt_tcp and struct xt_udp begin alike: source ports, destination ports (include/uapi/linux/netfilter/xt_tcpudp.h). */
const tcpUdpPorts = (blob: Blob, inversions: number): readonly Ports[] => [
  portsAt(blob, 0, 'source', (inversions & 1) !== 0),
  portsAt(blob, 4, 'destination', (inversions & 2) !== 0),
];

const flagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];
const flagText = (bits: number): string => namesOfBits(bits & 63, flagNames).join(',') || 'NONE';

const tcp: MatchModule = {
  size: 12,
  matches(blob) {
    const inversions = blob.bits8(11, 15);
    if (blob.u8(8) !== 0 || (inversions & 8) !== 0) throw new UnreadableValue("option '--tcp-option'");
    const matches = conditions(tcpUdpPorts(blob, inversions)).map((ports) => portMatch('tcp', ports));
    const [mask, set, negated] = [blob.bits8(9, 63), blob.bits8(10, 63), (inversions & 4) !== 0];
    if (mask !== 0 || set !== 0 || negated) matches.push({ kind: 'tcp-flags', mask, set, negated });
    return matches.length > 0 ? matches : [{ kind: 'transport-header', module: 'tcp' }];
  },
  words(blob) {
    const inversions = blob.u8(11);
    const tcpOption = blob.u8(8) !== 0 || (inversions & 8) !== 0 ? option('--tcp-option', blob.u8(8), (inversions & 8) !== 0) : '';
    const negated = (inversions & 4) !== 0;
    const flags = blob.u8(9) !== 0 || negated ? option('--tcp-flags', `${flagText(blob.u8(9))} ${flagText(blob.u8(10))}`, negated) : '';
    return portWords(tcpUdpPorts(blob, inversions).filter((each) => !isAny(each))) + tcpOption + flags;
  },
};

const udp = (module: 'udp' | 'udplite'): MatchModule => ({
  size: 10,
  matches(blob) {
    const matches = conditions(tcpUdpPorts(blob, blob.bits8(8, 3))).map((ports) => portMatch(module, ports));
    if (matches.length === 0 && module === 'udplite') throw new UnreadableValue('no option');
    return matches.length > 0 ? matches : [{ kind: 'transport-header', module: 'udp' }];
  },
  words: (blob) => portWords(tcpUdpPorts(blob, blob.u8(8)).filter((each) => !isAny(each))),
});

/** struct xt_sctp_info and struct xt_dccp_info: destination first; what is compared says a mask of flags. */
const flaggedPorts = (blob: Blob, flags: number, inversions: number): readonly Ports[] =>
  [portsAt(blob, 4, 'source', (inversions & 1) !== 0), portsAt(blob, 0, 'destination', (inversions & 2) !== 0)].filter(
    (_, index) => (flags & (1 << index)) !== 0,
  );

const chunkNames: Readonly<Record<number, string>> = {
  0: 'DATA',
  1: 'INIT',
  2: 'INIT_ACK',
  3: 'SACK',
  4: 'HEARTBEAT',
  5: 'HEARTBEAT_ACK',
  6: 'ABORT',
  7: 'SHUTDOWN',
  8: 'SHUTDOWN_ACK',
  9: 'ERROR',
  10: 'COOKIE_ECHO',
  11: 'COOKIE_ACK',
  12: 'ECN_ECNE',
  13: 'ECN_CWR',
  14: 'SHUTDOWN_COMPLETE',
  64: 'I_DATA',
  128: 'ASCONF_ACK',
  130: 'RE_CONFIG',
  132: 'PAD',
  192: 'FORWARD_TSN',
  193: 'ASCONF',
  194: 'I_FORWARD_TSN',
};
const chunkFlags: Readonly<Record<number, string>> = { 0: '----IUBE', 6: '-------T', 14: '-------T' };

function chunkFlagText(blob: Blob, chunk: number): string {
  for (let i = 0, at = 268; i < Math.min(blob.i32(280), 4); i++, at += 3) {
    const mask = blob.u8(at + 2);
    if (blob.u8(at) !== chunk || mask === 0) continue;
    const letters = (chunkFlags[chunk] ?? '--------').split('').map((letter, index) => {
      const bit = 0x80 >> index;
      if ((mask & bit) === 0) return '';
      return (blob.u8(at + 1) & bit) !== 0 ? letter.toUpperCase() : letter.toLowerCase();
    });
    return `:${letters.join('')}`;
  }
  return '';
}

function chunkText(blob: Blob): string {
  const words = Array.from({ length: 8 }, (_, index) => blob.u32(8 + index * 4));
  if (words.every((word) => word === 0)) return 'NONE';
  if (words.every((word) => word === 0xffffffff)) return 'ALL';
  const chunks = Array.from({ length: 256 }, (_, chunk) => chunk).filter((chunk) => ((words[chunk >> 5] as number) >>> (chunk & 31)) & 1);
  return chunks.map((chunk) => `${chunkNames[chunk] ?? `0x${chunk.toString(16).padStart(4, '0')}`}${chunkFlagText(blob, chunk)}`).join(',');
}

const chunkMatchTypes = [null, 'any', 'all', null, 'only'];

const sctp: MatchModule = {
  // The map of chunks has 64 words, of which eight are used.
  size: 292,
  matches(blob) {
    const flags = blob.bits32(284, 7);
    if ((flags & 4) !== 0) throw new UnreadableValue("option '--chunk-types'");
    const matches = flaggedPorts(blob, flags, blob.bits32(288, 7)).map((ports) => portMatch('sctp', ports));
    return matches.length > 0 ? matches : [{ kind: 'transport-header', module: 'sctp' }];
  },
  words(blob) {
    const [flags, inversions] = [blob.u32(284), blob.u32(288)];
    const chunks = (flags & 4) === 0 ? '' : `${nameOf(blob.u32(264), chunkMatchTypes)} ${chunkText(blob)}`;
    return portWords(flaggedPorts(blob, flags, inversions)) + (chunks && option('--chunk-types', chunks, (inversions & 4) !== 0));
  },
};

const dccpTypes = 'REQUEST RESPONSE DATA ACK DATAACK CLOSEREQ CLOSE RESET SYNC SYNCACK INVALID'.split(' ');
/** The types that DCCP reserves are one word of iptables. */
const dccpInvalid = 0xfc00;

const dccp: MatchModule = {
  size: 16,
  matches(blob) {
    const flags = blob.bits16(8, 15);
    if ((flags & 12) !== 0) throw new UnreadableValue(`option '${(flags & 4) !== 0 ? '--dccp-types' : '--dccp-option'}'`);
    if (flags === 0) throw new UnreadableValue('no option');
    return flaggedPorts(blob, flags, blob.bits16(10, 15)).map((ports) => portMatch('dccp', ports));
  },
  words(blob) {
    const [flags, inversions] = [blob.u16(8), blob.u16(10)];
    const types =
      (flags & 4) === 0 ? '' : namesOfBits((blob.u16(12) & 0x3ff) | ((blob.u16(12) & dccpInvalid) === 0 ? 0 : 0x400), dccpTypes).join(',');
    return (
      portWords(flaggedPorts(blob, flags, inversions)) +
      (types && option('--dccp-types', types, (inversions & 4) !== 0)) +
      ((flags & 8) === 0 ? '' : option('--dccp-option', blob.u8(14), (inversions & 8) !== 0))
    );
  },
};

const sides = ['source', 'destination', 'either'] as const;
const sideOptions = ['--sports', '--dports', '--ports'];

/** Ports, or pairs of ports where `flagsAt` marks the first (struct xt_multiport_v1; null: struct xt_multiport, which has no ranges). */
function portList(blob: Blob, flagsAt: number | null): readonly PortRange[] {
  const count = blob.u8(1);
  if (count > 15) throw new UnreadableValue(`${count} ports`);
  const ranges: PortRange[] = [];
  for (let i = 0; i < count; i++) {
    const first = blob.u16(2 + i * 2);
    const last = flagsAt !== null && blob.u8(flagsAt + i) !== 0 && ++i < 15 ? blob.u16(2 + i * 2) : first;
    ranges.push({ first, last });
  }
  return ranges;
}

const multiport = (revision: 0 | 1): MatchModule => {
  const flagsAt = revision === 1 ? 32 : null;
  return {
    size: revision === 1 ? 48 : 32,
    matches(blob) {
      const side = sides[blob.u8(0)];
      const ranges = portList(blob, flagsAt);
      if (side === undefined || ranges.length === 0 || ranges.some(({ first, last }) => first > last)) throw new UnreadableValue('ports');
      return [{ kind: 'ports', module: 'multiport', side, ranges, negated: revision === 1 && blob.not(47) }];
    },
    words: (blob) =>
      option(
        nameOf(blob.u8(0), sideOptions),
        portList(blob, flagsAt)
          .map(({ first, last }) => ranged(first, last))
          .join(','),
        revision === 1 && blob.u8(47) !== 0,
      ),
  };
};

export const portModules: Modules<MatchModule> = {
  'tcp/0': tcp,
  'udp/0': udp('udp'),
  'udplite/0': udp('udplite'),
  'sctp/0': sctp,
  'dccp/0': dccp,
  'multiport/0': multiport(0),
  'multiport/1': multiport(1),
};

import type { PortRange } from '#facts/rule.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { nameOf, namesOfBits, option, ranged } from '../words.ts';
import { conditions, isAny, type Ports, portMatch, portsAt, portWords } from './port-pairs.ts';

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
  'multiport/0': multiport(0),
  'multiport/1': multiport(1),
};

import type { Match } from '#facts/rule.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { hex2, marked, nameOf, option, ranged } from '../words.ts';

/** struct xt_mark_mtinfo1, struct xt_connmark_mtinfo1. */
const mark = (of: 'packet' | 'connection'): MatchModule => ({
  size: 12,
  matches: (blob) => [{ kind: 'mark', of, value: blob.u32(0), mask: blob.u32(4), negated: blob.not(8) }],
  words: (blob) => option('--mark', marked(blob.u32(0), blob.u32(4)), blob.u8(8) !== 0),
});

const length: MatchModule = {
  size: 6,
  matches(blob) {
    const range = { first: blob.u16(0), last: blob.u16(2) };
    if (range.first > range.last) throw new UnreadableValue(`port range '${range.first}:${range.last}'`);
    return [{ kind: 'length', range, negated: blob.not(4) }];
  },
  words: (blob) => option('--length', ranged(blob.u16(0), blob.u16(2)), blob.u8(4) !== 0),
};

const comparisons = ['eq', 'ne', 'lt', 'gt'] as const;

/** struct ipt_ttl_info, struct ip6t_hl_info. */
const ttl = (name: 'ttl' | 'hl'): MatchModule => ({
  size: 2,
  matches(blob) {
    const compare = comparisons[blob.u8(0)];
    if (compare === undefined) throw new UnreadableValue(`mode '${blob.u8(0)}'`);
    return [{ kind: 'ttl', compare, value: blob.u8(1) }];
  },
  words(blob) {
    const compare = nameOf(blob.u8(0), comparisons);
    return option(`--${name}-${compare === 'ne' ? 'eq' : compare}`, blob.u8(1), compare === 'ne');
  },
});

const dscp: MatchModule = {
  size: 2,
  matches: (blob) => [{ kind: 'tos', value: (blob.u8(0) << 2) & 0xff, mask: 0xfc, negated: blob.not(1) }],
  words: (blob) => option('--dscp', hex2(blob.u8(0)), blob.u8(1) !== 0),
};

/** struct xt_tos_match_info: the mask stands first. */
const tos: MatchModule = {
  size: 3,
  matches: (blob) => [{ kind: 'tos', value: blob.u8(1), mask: blob.u8(0), negated: blob.not(2) }],
  words: (blob) => option('--tos', `${hex2(blob.u8(1))}/${hex2(blob.u8(0))}`, blob.u8(2) !== 0),
};

/** struct xt_ecn_info: operations 1 (IP), 0x10 (ECE), 0x20 (CWR), each inverted by the same bit. */
const ecn: MatchModule = {
  size: 4,
  words(blob) {
    const given = (bit: number, name: string, value?: number): string =>
      (blob.u8(0) & bit) === 0 ? '' : option(name, value, (blob.u8(1) & bit) !== 0);
    return given(0x10, '--ecn-tcp-ece') + given(0x20, '--ecn-tcp-cwr') + given(1, '--ecn-ip-ect', blob.u8(2));
  },
};

const packetTypes = ['unicast', 'broadcast', 'multicast'] as const;

const packetType: MatchModule = {
  size: 8,
  matches(blob) {
    const type = packetTypes[blob.u32(0)];
    if (type === undefined) throw new UnreadableValue(`packet type '${blob.u32(0)}'`);
    return [{ kind: 'packet-type', type, negated: blob.not32(4) }];
  },
  words: (blob) => option('--pkt-type', nameOf(blob.u32(0), packetTypes), blob.u32(4) !== 0),
};

const macText = (blob: Blob): string => Array.from({ length: 6 }, (_, index) => blob.u8(index).toString(16).padStart(2, '0')).join(':');

const mac: MatchModule = {
  size: 12,
  matches: (blob): readonly Match[] => [{ kind: 'mac-source', mac: macText(blob), negated: blob.not32(8) }],
  words: (blob) => option('--mac-source', macText(blob), blob.u32(8) !== 0),
};

export const packetFieldModules: Modules<MatchModule> = {
  'mark/1': mark('packet'),
  'connmark/1': mark('connection'),
  'length/0': length,
  'ttl/0': ttl('ttl'),
  'hl/0': ttl('hl'),
  'dscp/0': dscp,
  'tos/1': tos,
  'ecn/0': ecn,
  'ecn/1': ecn,
  'pkttype/0': packetType,
  'mac/0': mac,
};

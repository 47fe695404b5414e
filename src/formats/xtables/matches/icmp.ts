import type { PortRange } from '#facts/rule.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { option } from '../words.ts';

/** struct ipt_icmp, struct ip6t_icmp: type, first and last code, inversion. */
const codesOf = (blob: Blob): PortRange | null => {
  const [first, last] = [blob.u8(1), blob.u8(2)];
  return first === 0 && last === 255 ? null : { first, last };
};

const any = 255;

/** iptables prints the first code only, however many there are. */
const typeText = (blob: Blob): string => `${blob.u8(0)}${codesOf(blob) === null ? '' : `/${blob.u8(1)}`}`;

const icmp: MatchModule = {
  size: 4,
  // Of type 255 codes are not looked at (net/ipv4/netfilter/ip_tables.c, icmp_type_code_match).
  matches: (blob) => [
    { kind: 'icmp-type', type: blob.u8(0), codes: blob.u8(0) === any ? null : codesOf(blob), negated: blob.bits8(3, 1) === 1 },
  ],
  words: (blob) => option('--icmp-type', blob.u8(0) === any ? 'any' : typeText(blob), blob.u8(3) !== 0),
};

const icmp6: MatchModule = {
  size: 4,
  matches(blob) {
    // In IPv6 255 is a type like another, which the facts have no word for.
    if (blob.u8(0) === any) throw new UnreadableValue(`ICMP type '${typeText(blob)}'`);
    return [{ kind: 'icmp-type', type: blob.u8(0), codes: codesOf(blob), negated: blob.bits8(3, 1) === 1 }];
  },
  words: (blob) => option('--icmpv6-type', typeText(blob), blob.u8(3) !== 0),
};

export const icmpModules: Modules<MatchModule> = { 'icmp/0': icmp, 'icmp6/0': icmp6 };

import type { NftExpression, NftRule } from '#facts/nft.ts';
import { translationReason } from '../nft-text/translations.ts';
import { blocksOf } from './blocks.ts';
import {
  agrees,
  filledMatch,
  filledTarget,
  isVerdict,
  type Joined,
  nativeExpressions,
  type SavedRule,
  withDump,
  wordsOf,
} from './join-rule.ts';

export function isTranslated(expressions: readonly NftExpression[]): boolean {
  return expressions.some((expression) => expression.kind === 'unmodelled' && expression.because === translationReason);
}

/**
 * A rule of a text listing that nft may have translated from extensions of iptables. The dump's line takes its place where it has the listed
 * addresses, interfaces, protocol and verdict, and a module for each other thing that is listed: a dump that lost one of them is noticed.
 */
export function joinTranslated(listed: NftRule, saved: SavedRule): Joined {
  const words = wordsOf(saved.rule);
  if ('disagrees' in words) return words;
  const { family } = saved;
  const base = nativeExpressions(words.base, family);
  if ('disagrees' in base) return base;
  const inListing = blocksOf(listed.expressions, family);
  const inDump = blocksOf(base.expressions, family);
  if ([...inDump].some((block) => !inListing.has(block))) return { disagrees: 'a condition that is not listed' };
  const modules = new Set(words.matches.map(({ name }) => name));
  const unexplained = [...inListing].some((block) => !inDump.has(block) && !isExplained(block, modules));
  if (unexplained) return { disagrees: 'a condition that the dump does not have' };
  const { target } = words;
  const verdicts = listed.expressions.filter(isVerdict);
  if (verdicts.some((verdict) => !agrees(verdict, target, saved)))
    return { disagrees: `the target: '${target?.text ?? 'none'}' in the dump` };
  if (verdicts.length === 0 && target !== null && isPlain(target.name, saved))
    return { disagrees: `the target '${target.text}', which is not listed` };
  const end = verdicts.length > 0 || target === null ? verdicts : [filledTarget(target, saved)];
  const matches = words.matches.map((segment) => filledMatch(segment, family));
  const counters = listed.expressions.filter(({ kind }) => kind === 'counter');
  return { rule: withDump(listed, [...base.expressions, ...matches, ...counters, ...end], saved.rule) };
}

/** A verdict or a chain, which every listing shows. */
function isPlain(target: string, { isChain }: SavedRule): boolean {
  return ['ACCEPT', 'DROP', 'RETURN'].includes(target) || isChain(target);
}

/** Modules of iptables whose translation loads such a thing (xlate functions of iptables' extensions). */
const explanations: readonly (readonly [load: RegExp, modules: readonly string[]])[] = [
  [/^\[\{"kind":"meta","key":"mark"/, ['mark']],
  [/^\[\{"kind":"meta","key":"l4proto"/, ['tcp', 'udp', 'sctp', 'dccp', 'udplite', 'multiport', 'icmp', 'icmp6', 'ah', 'esp', 'ipcomp']],
  [/^\[\{"kind":"meta","key":"(skuid|skgid)"/, ['owner']],
  [/^\[\{"kind":"meta","key":"pkttype"/, ['pkttype']],
  [/^\[\{"kind":"meta","key":"length"/, ['length']],
  [/^\[\{"kind":"meta","key":"cgroup"/, ['cgroup']],
  [/^\[\{"kind":"meta","key":"cpu"/, ['cpu']],
  [/^\[\{"kind":"meta","key":"(hour|day|time)"/, ['time']],
  [/^\[\{"kind":"meta","key":"ipsec"/, ['policy']],
  [/^\[\{"kind":"meta","key":"iiftype"/, ['mac']],
  [/^\[\{"kind":"ct","key":"mark"/, ['connmark']],
  [/^\[\{"kind":"ct","key":"label"/, ['connlabel']],
  [/^\[\{"kind":"ct","key":"helper"/, ['helper']],
  [/^\[\{"kind":"ct","key":"(bytes|packets|avgpkt)"/, ['connbytes']],
  [/^\[\{"kind":"ct"/, ['conntrack', 'state']],
  [/^\[\{"kind":"fib"/, ['addrtype', 'rpfilter']],
  [/^\[\{"kind":"numgen"/, ['statistic']],
  [/^\[\{"kind":"meta","key":"random"/, ['statistic']],
  [/^\[\{"kind":"hash"/, ['cluster']],
  [/^\[\{"kind":"rt"/, ['realm', 'policy']],
  [/^\[\{"kind":"socket"/, ['socket']],
  [/^\[\{"kind":"exthdr"/, ['tcp', 'frag', 'rt', 'hbh', 'dst', 'mh', 'ipv6header', 'tcpmss']],
  [
    /^\[\{"kind":"payload","base":"transport"/,
    ['tcp', 'udp', 'sctp', 'dccp', 'udplite', 'multiport', 'icmp', 'icmp6', 'ah', 'esp', 'ipcomp', 'mh'],
  ],
  [/^\[\{"kind":"payload","base":"link"/, ['mac']],
  // Type of service, length and time to live of IPv4 and of IPv6.
  [/^\[\{"kind":"payload","base":"network","offset":(1|7|8),"length":1,/, ['dscp', 'tos', 'ecn', 'ttl', 'hl']],
  [/^\[\{"kind":"payload","base":"network","offset":(0|2|4),"length":2,/, ['dscp', 'tos', 'ecn', 'length']],
  [/^\[\{"kind":"payload","base":"network","offset":(8|12|16|24),"length":(4|16),.*("kind":"range"|"op":"gte")/, ['iprange']],
];

function isExplained(block: string, modules: ReadonlySet<string>): boolean {
  return explanations.some(([load, names]) => load.test(block) && names.some((name) => modules.has(name)));
}

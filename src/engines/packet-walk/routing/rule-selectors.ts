import type { RoutingRule } from '#facts/network.ts';
import { sameTos, untoldTos } from './choose-route.ts';
import type { RouteQuery } from './route-query.ts';

/** What a policy rule says beside its fields, as `ip -j rule` names it. */
export interface RuleWords {
  /** Each says whether it fits; a string: why nobody can tell. */
  readonly selectors: readonly ((query: RouteQuery) => boolean | string)[];
  readonly isNop: boolean;
  /** Priority of the rule to go on with. */
  readonly goTo: number | null;
  /** Routes of so short a prefix do not count; -1: all do. */
  readonly suppressedBits: number;
  readonly suppressesGroup: boolean;
}

type Words = Readonly<Record<string, unknown>>;

/** Null: the text is no list of words. */
export function readRuleWords({ unmodelled }: RoutingRule, hasVrf: boolean | null): RuleWords | null {
  const words = unmodelled === '' ? {} : parse(unmodelled);
  if (words === null) return null;
  return {
    selectors: [...portSelectors(words), ...Object.keys(words).flatMap((word) => selectorOf(word, words, hasVrf) ?? [])],
    isNop: 'nop' in words,
    goTo: number(words['goto']),
    suppressedBits: number(words['suppress_prefixlen']) ?? -1,
    suppressesGroup: 'suppress_ifgroup' in words,
  };
}

function parse(text: string): Words | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Words) : null;
  } catch {
    return null;
  }
}

/** No selectors, or read elsewhere. */
const others = new Set(
  'nop goto unresolved suppress_prefixlen suppress_ifgroup flow sport sport_start sport_end dport dport_start dport_end'.split(' '),
);

function selectorOf(word: string, words: Words, hasVrf: boolean | null): RuleWords['selectors'][number] | null {
  if (others.has(word)) return null;
  const value = words[word];
  switch (word) {
    case 'tos': {
      const tos = number(value);
      return tos === null ? unknown(word) : (query) => (query.destination.family === 'ip' ? sameTos(tos, query.tos) : sameDscp(tos, query));
    }
    case 'ipproto': {
      const protocol = protocolOf(value);
      return protocol === null ? unknown(word) : ({ flow }) => (flow?.protocol ?? 0) === protocol;
    }
    case 'uid_start':
      return userSelector(number(words['uid_start']), number(words['uid_end']));
    case 'uid_end':
      return null;
    // The interface that the rule names is not there.
    case 'iif_detached':
    case 'oif_detached':
      return () => false;
    case 'l3mdev':
      return hasVrf === false ? () => false : unknown(word);
    default:
      return unknown(word);
  }
}

const unknown = (word: string) => (): string => `'${word}' of a routing rule is not modelled`;

function number(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^(0x[0-9a-f]+|\d+)$/.test(value) ? Number(value) : null;
}

const protocols = new Map([
  ['icmp', 1],
  ['tcp', 6],
  ['udp', 17],
  ['gre', 47],
  ['ipv6-icmp', 58],
  ['sctp', 132],
]);
const protocolOf = (value: unknown): number | null => (typeof value === 'string' && protocols.get(value)) || number(value);

function sameDscp(wanted: number, { tos = 0 }: RouteQuery): boolean | string {
  return tos === null ? untoldTos : wanted === (tos & 0xfc);
}

/** What is forwarded counts as root's; whose a socket is nobody knows. */
function userSelector(from: number | null, to: number | null): RuleWords['selectors'][number] {
  if (from === null || to === null) return unknown('uidrange');
  return ({ fromSocket }) => (fromSocket ? 'whose process sends it is not known, and a routing rule has a uidrange' : from === 0);
}

function portSelectors(words: Words): RuleWords['selectors'] {
  return (['sport', 'dport'] as const).flatMap((side) => {
    const single = number(words[side]);
    const [first, last] = [single ?? number(words[`${side}_start`]), single ?? number(words[`${side}_end`])];
    if (first === null || last === null) return [];
    return ({ flow }: RouteQuery): boolean | string => {
      const port = flow === null || flow === undefined ? 0 : side === 'sport' ? flow.sourcePort : flow.destinationPort;
      return port === null ? 'a routing rule looks at a port that the kernel chooses' : first <= port && port <= last;
    };
  });
}

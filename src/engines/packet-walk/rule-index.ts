import type { Address } from '#facts/address.ts';
import type { Chain, Match, Rule } from '#facts/rule.ts';
import type { PacketState } from './flow.ts';

/** Chains shorter than this are looked through rule by rule. */
const worthwhile = 16;

/** What may stand before the destination of a rule that is skipped: matches that ask no question and say yes or no. */
const plain: ReadonlySet<Match['kind']> = new Set(['source', 'in-interface', 'out-interface', 'protocol', 'fragment', 'comment']);

interface Compiled {
  readonly byDestination: ReadonlyMap<string | number, readonly number[]>;
  /** Positions of the rules that may match any destination. */
  readonly others: readonly number[];
}

/**
 * Skips the rules of a long chain that name another single destination address than the packet's: kube-proxy's KUBE-SERVICES has one
 * rule for each address of a service. Only rules that certainly do not match are skipped, so that a walk is the same as without it.
 */
export class RuleIndex {
  readonly #compiled = new Map<Chain, Compiled>();

  /** Position of the first rule at or after `from` that may match; the chain's length where none may. */
  next(chain: Chain, from: number, packet: PacketState): number {
    if (chain.ruleCount < worthwhile) return from;
    let compiled = this.#compiled.get(chain);
    if (compiled === undefined) {
      compiled = compile(chain.rules);
      this.#compiled.set(chain, compiled);
    }
    const own = compiled.byDestination.get(keyOf(packet.destination.address.words)) ?? [];
    return Math.min(firstFrom(own, from), firstFrom(compiled.others, from), chain.ruleCount);
  }
}

function compile(rules: readonly Rule[]): Compiled {
  const byDestination = new Map<string | number, number[]>();
  const others: number[] = [];
  for (const [position, rule] of rules.entries()) {
    const words = singleDestination(rule);
    if (words === null) {
      others.push(position);
      continue;
    }
    const key = keyOf(words);
    const positions = byDestination.get(key);
    if (positions === undefined) byDestination.set(key, [position]);
    else positions.push(position);
  }
  return { byDestination, others };
}

/** The only address that the rule can match, or null. */
function singleDestination({ matches }: Rule): Address['words'] | null {
  const first = matches.find(({ kind }) => !plain.has(kind));
  if (first?.kind !== 'destination' || first.negated) return null;
  const { bits, family, words } = first.prefix;
  return bits === (family === 'ip' ? 32 : 128) ? words : null;
}

/** IPv4 has one word and IPv6 four, so that the families never share a key. */
const keyOf = (words: Address['words']): string | number => (words.length === 1 ? (words[0] as number) : words.join('.'));

/** The first of the ascending positions that is not below `from`; Infinity where there is none. */
function firstFrom(positions: readonly number[], from: number): number {
  let low = 0;
  for (let high = positions.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((positions[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return positions[low] ?? Number.POSITIVE_INFINITY;
}

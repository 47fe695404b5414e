import type { Family } from '#facts/address.ts';
import type { NftExpression, NftRule } from '#facts/nft.ts';
import { quoted } from '../../../xtables/words.ts';
import { type Comparison, comparisonAt } from './comparison.ts';
import { headPart } from './head.ts';
import { limitPart, markPart } from './native-matches.ts';
import type { Head, IptablesRule, MatchPart } from './parts.ts';
import { targetAt } from './target.ts';
import { addTransport, emptyOptions, type TransportOptions, transportModule, transportPart } from './transport.ts';

export interface Reader {
  readonly family: Family;
  readonly littleEndian: boolean;
}

/**
 * The iptables rule that these expressions are, if iptables-nft (up to 1.8.13) writes one so. Null for everything else, also where
 * iptables-nft-save prints something: it leaves out what it does not know (a look-up in a set) and splits what is one comparison
 * (`! --sport A ! --dport B`).
 */
export function asIptablesRule(rule: Pick<NftRule, 'expressions' | 'comment'>, reader: Reader): IptablesRule | null {
  const { expressions, comment } = rule;
  const draft = new Draft(reader);
  let at = 0;
  while (at < expressions.length) {
    const taken = draft.take(expressions, at);
    if (taken === 0) break;
    at += taken;
  }
  if (comment !== null) draft.comment(comment);
  if (at === expressions.length) return draft.finish(null);
  const target = targetAt(expressions, at);
  return target === null ? null : draft.finish(target);
}

const emptyHead: Head = { source: null, destination: null, inInterface: null, outInterface: null, protocol: null, fragment: null };

class Draft {
  readonly #reader: Reader;
  #head: Head = emptyHead;
  readonly #matches: (MatchPart | 'transport')[] = [];
  #transport: TransportOptions | null = null;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** How many expressions from `at` on were taken; 0 where the next one is no condition. */
  take(expressions: readonly NftExpression[], at: number): number {
    const first = expressions[at] as NftExpression;
    if (first.kind === 'counter') return 1;
    if (first.kind === 'xt-match') return this.#add({ text: first.text, matches: first.matches }, 1);
    if (first.kind === 'limit') return this.#add(limitPart(first), 1);
    const comparison = comparisonAt(expressions, at);
    if (comparison === null) return 0;
    if (comparison === 'unused') return 1;
    return this.#compare(comparison) ? comparison.count : 0;
  }

  /** A comment of the rule itself is worded like one of a match. */
  comment(text: string): void {
    this.#matches.push({ text: `-m comment --comment${quoted(text)}`, matches: [{ kind: 'comment', text }] });
  }

  #add(part: MatchPart | null, count: number): number {
    if (part === null) return 0;
    this.#matches.push(part);
    return count;
  }

  #compare(comparison: Comparison): boolean {
    const head = headPart(comparison, this.#reader.family);
    if (head !== null) {
      if (this.#head[head.part] !== null) return false;
      this.#head = { ...this.#head, [head.part]: head.value };
      return true;
    }
    const mark = markPart(comparison, this.#reader.littleEndian);
    if (mark !== null) return this.#add(mark, 1) > 0;
    const module = this.#module();
    if (module === null) return false;
    if (this.#transport === null) this.#matches.push('transport');
    this.#transport ??= emptyOptions();
    return addTransport(this.#transport, comparison, module);
  }

  /** Ports are those of the protocol that the rule asks for. */
  #module(): 'tcp' | 'udp' | null {
    const protocol = this.#head.protocol?.match;
    return protocol?.kind === 'protocol' && !protocol.negated ? transportModule(protocol.number) : null;
  }

  finish(target: IptablesRule['target']): IptablesRule {
    const module = this.#module();
    const matches = this.#matches.flatMap((part): readonly MatchPart[] => {
      if (part !== 'transport') return [part];
      return module === null || this.#transport === null ? [] : [transportPart(module, this.#transport)];
    });
    return { head: this.#head, matches, target };
  }
}

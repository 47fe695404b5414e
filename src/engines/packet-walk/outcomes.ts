import type { WalkOutcome } from '#facts/packet-walk.ts';
import { type LegRun, type Machine, orderBits, ordersOf } from './machine.ts';

/** Where the order of equal hooks matters there is a distribution for each; ways that take one order here and another there have no number. */
type Distribution = 'nft-first' | 'legacy-first' | 'mixed';

interface Share {
  readonly leg: LegRun;
  /** Null: unknown. */
  readonly sums: Map<Distribution, number | null>;
}

/** What led to an end, by the first way to it. */
export type Explain = (leg: LegRun) => Pick<WalkOutcome, 'blame' | 'choices'>;

/** What the ways lead to, each different end once, with its probability. */
export function outcomesOf(ways: readonly Machine[], legs: readonly LegRun[], explain: Explain): readonly WalkOutcome[] {
  const found = new Map<string, Share>();
  let ordered = false;
  for (const [i, way] of ways.entries()) {
    const share = shareOf(legs[i] as LegRun, found);
    for (const weight of way.weights) {
      const orders = ordersOf(way, weight);
      ordered ||= orders !== 0;
      for (const each of distributionsOf(orders)) {
        const sum = share.sums.get(each) ?? (share.sums.has(each) ? null : 0);
        share.sums.set(each, sum === null || weight.probability === null ? null : sum + weight.probability);
      }
    }
  }
  const all = [...found.values()].map((share) => ({ leg: share.leg, outcomes: outcomesOfShare(share, ordered) }));
  if (all.length === 1 && all[0]?.outcomes.length === 1) return all[0].outcomes;
  return all.flatMap(({ leg, outcomes }) => {
    const told = explain(leg);
    return outcomes.map((each) => ({ ...each, ...told }));
  });
}

function shareOf(leg: LegRun, found: Map<string, Share>): Share {
  const { verdict, out } = leg;
  const key = out === null ? verdict : `${verdict} ${out.interface} ${out.from} ${out.to} ${out.mark}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const share: Share = { leg, sums: new Map() };
  found.set(key, share);
  return share;
}

const either: readonly Distribution[] = ['nft-first', 'legacy-first'];

function distributionsOf(orders: number): readonly Distribution[] {
  if (orders === 0) return either;
  return orders === orderBits.nftFirst ? ['nft-first'] : orders === orderBits.legacyFirst ? ['legacy-first'] : ['mixed'];
}

function outcomesOfShare({ leg, sums }: Share, ordered: boolean): readonly WalkOutcome[] {
  const outcome = (probability: number | null, order: WalkOutcome['order']): WalkOutcome => ({
    verdict: leg.verdict,
    probability: probability === null ? null : Math.round(probability * 1e9) / 1e9,
    order,
    out: leg.out,
  });
  const [nft, legacy] = [sums.get('nft-first'), sums.get('legacy-first')];
  if (nft === undefined && legacy === undefined) return [outcome(null, null)];
  if (!ordered || nft === legacy) return [outcome(nft ?? null, null)];
  return [...(nft === undefined ? [] : [outcome(nft, 'nft-first')]), ...(legacy === undefined ? [] : [outcome(legacy, 'legacy-first')])];
}

import type { WalkOutcome } from '#facts/packet-walk.ts';
import { type LegRun, type Machine, orderBits, ordersOf } from './machine.ts';

/** Where the order of equal hooks matters there is a distribution for each; ways that take one order here and another there have no number. */
type Distribution = 'nft-first' | 'legacy-first' | 'mixed';

interface Share {
  readonly leg: LegRun;
  /** Null: unknown. */
  readonly sums: Map<Distribution, number | null>;
  /** The ways to it in each. */
  readonly legs: Map<Distribution, Set<LegRun>>;
  readonly all: Set<LegRun>;
}

/** What led to an end, by the first way to it. */
export type Explain = (leg: LegRun) => Pick<WalkOutcome, 'blame' | 'choices'>;

/** What the ways lead to, each different end once, with its probability. */
export function outcomesOf(ways: readonly Machine[], legs: readonly LegRun[], explain: Explain): readonly WalkOutcome[] {
  const found = new Map<string, Share>();
  let ordered = false;
  for (const [i, way] of ways.entries()) {
    const share = shareOf(legs[i] as LegRun, found);
    share.all.add(legs[i] as LegRun);
    for (const weight of way.weights) {
      const orders = ordersOf(way, weight);
      ordered ||= orders !== 0;
      for (const each of distributionsOf(orders)) {
        const sum = share.sums.get(each) ?? (share.sums.has(each) ? null : 0);
        share.legs.set(each, (share.legs.get(each) ?? new Set()).add(legs[i] as LegRun));
        share.sums.set(each, sum === null || weight.probability === null ? null : sum + weight.probability);
      }
    }
  }
  const all = [...found.values()].flatMap((share) => outcomesOfShare(share, ordered));
  return all.map(({ outcome, legs: [first], ways }) =>
    all.length === 1 || first === undefined ? outcome : { ...outcome, ...explain(first), ...(ways > 1 && { ways }) },
  );
}

function shareOf(leg: LegRun, found: Map<string, Share>): Share {
  const { verdict, out } = leg;
  const key = out === null ? verdict : `${verdict} ${out.interface} ${out.from} ${out.to} ${out.mark}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const share: Share = { leg, sums: new Map(), legs: new Map(), all: new Set() };
  found.set(key, share);
  return share;
}

const either: readonly Distribution[] = ['nft-first', 'legacy-first'];

function distributionsOf(orders: number): readonly Distribution[] {
  if (orders === 0) return either;
  return orders === orderBits.nftFirst ? ['nft-first'] : orders === orderBits.legacyFirst ? ['legacy-first'] : ['mixed'];
}

interface Told {
  readonly outcome: WalkOutcome;
  readonly legs: readonly LegRun[];
  readonly ways: number;
}

function outcomesOfShare({ leg, sums, legs, all }: Share, ordered: boolean): readonly Told[] {
  const told = (probability: number | null, order: WalkOutcome['order']): Told => {
    const ways = order === null ? all : (legs.get(order) ?? all);
    return {
      outcome: {
        verdict: leg.verdict,
        probability: probability === null ? null : Math.round(probability * 1e9) / 1e9,
        order,
        out: leg.out,
      },
      legs: [...ways],
      ways: ways.size,
    };
  };
  const [nft, legacy] = [sums.get('nft-first'), sums.get('legacy-first')];
  if (nft === undefined && legacy === undefined) return [told(null, null)];
  if (!ordered || nft === legacy) return [told(nft ?? null, null)];
  return [...(nft === undefined ? [] : [told(nft, 'nft-first')]), ...(legacy === undefined ? [] : [told(legacy, 'legacy-first')])];
}

import type { WalkOutcome } from '#facts/packet-walk.ts';
import type { LegRun } from './leg-run.ts';
import { orderBits, ordersOf } from './weights.ts';

/** Where the order of equal hooks matters there is a distribution for each; ways that take one order here and another there have no number. */
type Distribution = 'nft-first' | 'legacy-first' | 'mixed';

interface Share {
  readonly leg: LegRun;
  /** Null: unknown. Undefined: nothing leads here. */
  readonly sums: Record<Distribution, number | null | undefined>;
  /** All that lead here, each with its distributions. */
  readonly legs: { readonly leg: LegRun; readonly distributions: readonly Distribution[] }[];
}

/** What led to an end, by the first way to it. */
export type Explain = (leg: LegRun) => Pick<WalkOutcome, 'blame' | 'choices'>;

/** What the legs lead to, each different end once, with its probability. `explain` null: nobody asks what led there. */
export function outcomesOf(legs: readonly LegRun[], explain: Explain | null): readonly WalkOutcome[] {
  const found: Share[] = [];
  let ordered = false;
  for (const leg of legs) {
    const share = shareOf(leg, found);
    for (const weight of leg.weights) {
      const orders = ordersOf(leg, weight);
      ordered ||= orders !== 0;
      const distributions = distributionsOf(orders);
      if (explain !== null) share.legs.push({ leg, distributions });
      for (const each of distributions) {
        const sum = share.sums[each];
        share.sums[each] = sum === null || weight.probability === null ? null : (sum ?? 0) + weight.probability;
      }
    }
  }
  // All ways lead to one end, whatever is not known about them.
  if (found.length === 1) return [];
  if (!ordered && explain === null) return found.map(({ leg, sums }) => outcome(leg, sums['nft-first'] ?? null, null));
  const all = found.flatMap((share) => outcomesOfShare(share, ordered));
  if (explain === null) return all.map((each) => each.outcome);
  return all.map(({ outcome: told, legs: of }) => {
    const [first] = of;
    return first === undefined ? told : { ...told, ...explain(first), ...(of.length > 1 && { ways: of.length }) };
  });
}

function shareOf(leg: LegRun, found: Share[]): Share {
  for (const known of found) if (sameEnd(leg, known.leg)) return known;
  const share: Share = { leg, sums: { 'nft-first': undefined, 'legacy-first': undefined, mixed: undefined }, legs: [] };
  found.push(share);
  return share;
}

function sameEnd(a: LegRun, b: LegRun): boolean {
  if (a.verdict !== b.verdict || a.out === null || b.out === null) return a.verdict === b.verdict && a.out === b.out;
  return a.out.to === b.out.to && a.out.from === b.out.from && a.out.interface === b.out.interface && a.out.mark === b.out.mark;
}

const either: readonly Distribution[] = ['nft-first', 'legacy-first'];

function distributionsOf(orders: number): readonly Distribution[] {
  if (orders === 0) return either;
  return orders === orderBits.nftFirst ? ['nft-first'] : orders === orderBits.legacyFirst ? ['legacy-first'] : ['mixed'];
}

interface Told {
  readonly outcome: WalkOutcome;
  readonly legs: readonly LegRun[];
}

function outcome({ verdict, out }: LegRun, probability: number | null, order: WalkOutcome['order']): WalkOutcome {
  return { verdict, probability: probability === null ? null : Math.round(probability * 1e9) / 1e9, order, out };
}

function outcomesOfShare({ leg, sums, legs }: Share, ordered: boolean): readonly Told[] {
  const told = (probability: number | null, order: WalkOutcome['order']): Told => {
    const own = order === null ? legs : legs.filter(({ distributions }) => distributions.includes(order));
    return {
      outcome: outcome(leg, probability, order),
      legs: [...new Set((own.length > 0 ? own : legs).map((each) => each.leg))],
    };
  };
  const { 'nft-first': nft, 'legacy-first': legacy } = sums;
  if (nft === undefined && legacy === undefined) return [told(null, null)];
  if (!ordered || nft === legacy) return [told(nft ?? null, null)];
  return [...(nft === undefined ? [] : [told(nft, 'nft-first')]), ...(legacy === undefined ? [] : [told(legacy, 'legacy-first')])];
}

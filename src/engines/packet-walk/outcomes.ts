import type { WalkOutcome } from '#facts/packet-walk.ts';
import { type LegRun, type Machine, orderBits, type Weight } from './machine.ts';

interface Share {
  readonly leg: LegRun;
  /** Sum over the ways of each order of equal hooks; null: unknown. */
  shares: { first: number | null; other: number | null };
  /** Orders by which it comes about. */
  hasFirst: boolean;
  hasOther: boolean;
}

/** What the ways lead to, each different end once, with its probability. */
export function outcomesOf(ways: readonly Machine[], legs: readonly LegRun[]): readonly WalkOutcome[] {
  const found = new Map<string, Share>();
  const ordered = ways.some(({ weights }) => weights.some(({ orders }) => orders !== 0));
  for (const [i, way] of ways.entries()) {
    const leg = legs[i] as LegRun;
    const key = leg.out === null ? leg.verdict : `${leg.verdict} ${leg.out.interface} ${leg.out.from} ${leg.out.to} ${leg.out.mark}`;
    let share = found.get(key);
    if (share === undefined) {
      share = { leg, shares: { first: 0, other: 0 }, hasFirst: false, hasOther: false };
      found.set(key, share);
    }
    for (const weight of way.weights) count(share, weight);
  }
  return [...found.values()].flatMap((share) => outcomesOfShare(share, ordered));
}

/** A way that took no order where it mattered belongs to the order that the walk begins with: the other one has walked it again. */
function count(share: Share, { orders, probability }: Weight): void {
  const which = (orders & ~orderBits.nftFirst) !== 0 ? 'other' : 'first';
  const sum = share.shares[which];
  share.shares[which] = sum === null || probability === null ? null : sum + probability;
  if (which === 'first') share.hasFirst = true;
  else share.hasOther = true;
}

function outcomesOfShare({ leg, shares, hasFirst, hasOther }: Share, ordered: boolean): readonly WalkOutcome[] {
  const outcome = (probability: number | null, order: WalkOutcome['order']): WalkOutcome => ({
    verdict: leg.verdict,
    probability: probability === null ? null : Math.round(probability * 1e9) / 1e9,
    order,
    out: leg.out,
  });
  if (!ordered) return [outcome(shares.first, null)];
  if (hasFirst && hasOther && shares.first === shares.other) return [outcome(shares.first, null)];
  return [...(hasFirst ? [outcome(shares.first, 'nft-first')] : []), ...(hasOther ? [outcome(shares.other, 'legacy-first')] : [])];
}

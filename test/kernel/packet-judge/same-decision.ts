import type { PacketOut, WalkLeg } from '#facts/packet-walk.ts';

/** Probabilities of one end, by which backend's hooks come first; null: unknown, undefined: it does not come about. */
interface Shares {
  nft?: number | null;
  legacy?: number | null;
}

/**
 * Whether two answers about one packet say the same: verdict, ends, and each probability that both know. One may know more than the other, where ways that it
 * joined or told apart by the order of hooks add up otherwise.
 */
export function sameDecision(a: WalkLeg, b: WalkLeg): boolean {
  if (a.verdict !== b.verdict || a.because !== b.because) return false;
  // Which of too many ways were walked does not matter.
  if (a.because === 'not-modelled') return true;
  const [one, other] = [sharesOf(a), sharesOf(b)];
  return one.size === other.size && [...one].every(([end, shares]) => agree(shares, other.get(end)));
}

function sharesOf({ verdict, out, outcomes }: WalkLeg): ReadonlyMap<string, Shares> {
  const found = new Map<string, Shares>();
  for (const each of outcomes ?? [{ verdict, out, probability: 1, order: null }]) {
    const end = `${each.verdict} ${outText(each.out)}`;
    const shares = found.get(end) ?? {};
    if (each.order !== 'legacy-first') shares.nft = each.probability;
    if (each.order !== 'nft-first') shares.legacy = each.probability;
    found.set(end, shares);
  }
  return found;
}

function agree(a: Shares, b: Shares | undefined): boolean {
  return b !== undefined && isNear(a.nft, b.nft) && isNear(a.legacy, b.legacy);
}

function isNear(a: number | null | undefined, b: number | null | undefined): boolean {
  return a === null || b === null || Math.abs((a ?? 0) - (b ?? 0)) < 1e-6;
}

const outText = (out: PacketOut | null): string => (out === null ? 'nowhere' : `${out.interface} ${out.from} ${out.to} ${out.mark}`);

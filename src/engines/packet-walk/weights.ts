import type { Member } from './hook-program.ts';
import type { LegRun } from './leg-run.ts';
import type { Machine } from './machine.ts';

/** Null probability: unknown. Orders of equal hooks that the way took where it mattered, as `orderBits`. */
export interface Weight {
  readonly probability: number | null;
  readonly orders: number;
  /** Of a way that was joined: what it had passed before. */
  readonly passed: PassedGroup | null;
}

/** A group that was walked in the order that a walk begins with, without need of another. */
export interface PassedGroup {
  readonly start: Machine;
  readonly order: number;
  readonly earlier: PassedGroup | null;
}

/** The orders of a leg's way; a group counts where another way of it needed the other order: that order has then walked this way again. */
export function ordersOf(leg: Pick<LegRun, 'passed'>, { orders, passed }: Weight): number {
  return orders | splitOrdersIn(passed) | splitOrdersIn(leg.passed);
}

function splitOrdersIn(passed: PassedGroup | null): number {
  let all = 0;
  for (let each = passed; each !== null; each = each.earlier) if (each.start.ordersSplit) all |= each.order;
  return all;
}

/** Of a way that has met no question yet. */
export const certain: readonly Weight[] = [{ probability: 1, orders: 0, passed: null }];

/** By share: thousands of services have as many endpoints. */
const shares = new Map<number, readonly Weight[]>();
const maxShares = 1000;

/** What chance leaves of a way that has met no question. */
export function certainly(share: number): readonly Weight[] {
  const known = shares.get(share);
  if (known !== undefined) return known;
  const made = [{ probability: share, orders: 0, passed: null }];
  if (shares.size < maxShares) shares.set(share, made);
  return made;
}

export function shareOf({ probability, orders, passed }: Weight, share: number | null): Weight {
  return { probability: probability === null || share === null ? null : probability * share, orders, passed };
}

/** Of more than two hooks several orders begin with one backend: they have no distribution of their own. */
export function orderBit([first, second, third]: readonly Member[]): number {
  if (third !== undefined) return orderBits.other;
  if (first?.kind !== 'chain' || second?.kind !== 'chain') return orderBits.other;
  const [a, b] = [first.base.table.backend, second.base.table.backend];
  return a === b ? orderBits.other : a === 'nft' ? orderBits.nftFirst : orderBits.legacyFirst;
}

export const orderBits = { nftFirst: 1, legacyFirst: 2, other: 4 } as const;

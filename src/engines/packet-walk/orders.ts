import type { Member } from './hook-program.ts';

/** Of more hooks of one priority than this the orders are too many to try. */
const maxOrdered = 3;

/** The orders in which hooks of one priority may run, beside the given one; null: too many. */
export function otherOrders(members: readonly Member[]): readonly (readonly Member[])[] | null {
  return members.length > maxOrdered ? null : permutations(members).slice(1).filter(isPossible);
}

/** Chains of one nf_tables table: the later one was registered later, and runs first. */
function isPossible(order: readonly Member[]): boolean {
  return order.every((a, i) =>
    order.slice(i + 1).every((b) => {
      if (a.kind !== 'chain' || b.kind !== 'chain' || a.handle === null || b.handle === null) return true;
      return a.base.table !== b.base.table || a.handle > b.handle;
    }),
  );
}

function permutations<T>(list: readonly T[]): readonly (readonly T[])[] {
  if (list.length <= 1) return [list];
  return list.flatMap((first, i) => permutations(list.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}

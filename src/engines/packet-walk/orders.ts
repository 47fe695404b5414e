import type { Member } from './hook-program.ts';

/** Of more hooks of one priority than this the orders are too many to try. */
const maxOrdered = 3;

/** Which backend's hooks run first where both have one of the same priority; null: not known, no dump shows it. */
export type BackendOrder = 'nft-first' | 'legacy-first' | null;

/** The orders in which hooks of one priority may run, beside the given one; none where that is known; null: too many. */
export function otherOrders(members: readonly Member[], order: BackendOrder): readonly (readonly Member[])[] | null {
  if (members.length > maxOrdered) return null;
  return permutations(members)
    .slice(1)
    .filter((each) => isPossible(each) && (order === null || !isAgainst(each, order)));
}

function isAgainst(members: readonly Member[], order: NonNullable<BackendOrder>): boolean {
  const backends = members.flatMap((member) => (member.kind === 'chain' ? [member.base.table.backend] : []));
  const later = order === 'nft-first' ? 'nft' : 'legacy';
  return backends.some((backend, i) => backend === later && i > 0 && backends[i - 1] !== later);
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

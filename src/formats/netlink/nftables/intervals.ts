import type { NftElement } from '#facts/nft.ts';

/** An element of an interval set's tree: from its key on, its range holds or (`ends`) no longer holds. */
export interface Boundary {
  readonly element: NftElement;
  readonly ends: boolean;
}

/**
 * Closed intervals in ascending order. A key belongs to the boundary next below it; of two at the same key the one that starts a range counts
 * (net/netfilter/nft_set_rbtree.c, lookup). A range without a boundary above it goes to the last key.
 */
export function closedIntervals(boundaries: readonly Boundary[], keyLength: number): readonly NftElement[] {
  const everywhere = boundaries.filter(({ element }) => element.catchall).map(({ element }) => element);
  const sorted = boundaries.filter(({ element }) => !element.catchall).sort((a, b) => compareBytes(a.element.key, b.element.key));
  const found: NftElement[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const { element, ends } = sorted[i] as Boundary;
    if (ends) continue;
    let next = i + 1;
    while (next < sorted.length && compareBytes((sorted[next] as Boundary).element.key, element.key) === 0) next++;
    const last = element.last ?? lastBefore((sorted[next] as Boundary | undefined)?.element.key, keyLength);
    found.push({ ...element, last: compareBytes(last, element.key) === 0 ? null : last });
  }
  return [...found, ...everywhere];
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function lastBefore(next: Uint8Array | undefined, keyLength: number): Uint8Array {
  if (next === undefined) return new Uint8Array(keyLength).fill(255);
  const last = next.slice();
  for (let i = last.length - 1; i >= 0; i--) {
    last[i] = ((last[i] as number) + 255) & 255;
    if (last[i] !== 255) break;
  }
  return last;
}

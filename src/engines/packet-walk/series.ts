import type { Group, Series, SeriesPlace } from './hook-program.ts';

/** The chains that run one after another from this group on; null: it is none of chains in a known order. */
export function seriesFrom(first: number, groups: readonly Group[]): Series | null {
  const { nat } = groups[first] as Group;
  const places: SeriesPlace[] = [];
  for (let group = first; groups[group]?.nat === nat; group++) {
    const own = placesOf(groups[group] as Group, group);
    if (own === null) break;
    places.push(...own);
  }
  return places.length === 0 ? null : { nat, places, learnt: 0 };
}

function placesOf({ members, otherOrders }: Group, group: number): readonly SeriesPlace[] | null {
  if (otherOrders?.length !== 0) return null;
  const places: SeriesPlace[] = [];
  for (const [member, each] of members.entries()) {
    if (each.kind !== 'chain' || each.reroutes) return null;
    places.push({ group, member, base: each.base });
  }
  return places;
}

import type { RuledOut } from '#facts/diagnosis.ts';
import type { LimitId } from '#facts/limit.ts';
import type { Observations } from './observations.ts';
import { number } from './words.ts';

/** Limits that are often blamed; fs.file-max and conntrack are checked by engines/base-network. */
const suspects: readonly (readonly [limit: LimitId, id: string])[] = [
  ['neighbour-gc_thresh3', 'neighbour-table-full'],
  ['vm.max_map_count', 'max-map-count'],
  ['rlimit-nofile', 'open-files'],
];

/** Limits that were read and have room: raising them would change nothing. */
export function ruledOutLimits({ limits }: Observations): readonly RuledOut[] {
  return suspects.flatMap(([limit, id]) => {
    const rows = limits.limits.filter((row) => row.id === limit);
    const [tightest] = rows;
    const asked = limits.undecided.some((question) => question.limit === limit);
    if (tightest === undefined || asked || rows.some(({ state, estimated }) => state !== 'free' || estimated === true)) return [];
    const of = tightest.limit === null ? 'no limit' : `${number(tightest.use)} of ${number(tightest.limit)}`;
    return [{ id, because: `${limit}: ${of} ${tightest.unit}, nothing refused`, evidence: tightest.evidence }];
  });
}

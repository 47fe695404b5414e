import type { PidsCgroup, PidsHierarchy } from '#facts/cgroup.ts';
import { ancestry, isLimited, type LimitedCgroup, parentPath } from './cgroup-ancestry.ts';

/** Refused forks, given to the cgroup whose limit refused them. */
export interface Attribution {
  /** By path of the limiting cgroup: the sum, and the cgroups whose counters it was summed from. */
  readonly refusals: ReadonlyMap<string, AttributedRefusals>;
  /** Refusals for which the snapshot does not show whose limit it was. */
  readonly unclear: readonly { readonly group: PidsCgroup; readonly candidates: readonly PidsCgroup[] }[];
}

export interface AttributedRefusals {
  readonly count: number;
  readonly from: readonly PidsCgroup[];
  /** `full`: it has or had no room. `overshoot`: a child's peak is above its own. `only-limit`: no other cgroup above the refused fork that can be seen has a limit now. `counted`: the kernel names it. */
  readonly because: 'counted' | 'full' | 'overshoot' | 'only-limit';
}

/** Sums pids.events over the cgroups whose limit caused the refusals (kernel/cgroup/pids.c, pids_event). */
export function attributeRefusals(hierarchy: PidsHierarchy): Attribution {
  return hierarchy.eventsCount === 'limiting-cgroup' ? countedAtLimit(hierarchy) : countedAtFork(hierarchy);
}

function countedAtLimit(hierarchy: PidsHierarchy): Attribution {
  const refusals = new Map<string, AttributedRefusals>();
  for (const group of hierarchy.groups.values()) {
    const own = group.refusedLocal?.value ?? ownShare(hierarchy, group);
    if (own > 0) refusals.set(group.path, { count: own, from: [group], because: 'counted' });
  }
  return { refusals, unclear: [] };
}

/** Where there is no pids.events.local: pids.events holds the children's refusals too. */
function ownShare(hierarchy: PidsHierarchy, group: PidsCgroup): number {
  let own = group.refused?.value ?? 0;
  for (const child of hierarchy.groups.values()) {
    if (child.path !== group.path && parentPath(child.path) === group.path) own -= child.refused?.value ?? 0;
  }
  return own;
}

function countedAtFork(hierarchy: PidsHierarchy): Attribution {
  const refusals = new Map<string, AttributedRefusals>();
  const unclear: { group: PidsCgroup; candidates: readonly PidsCgroup[] }[] = [];
  for (const group of hierarchy.groups.values()) {
    const count = group.refused?.value ?? 0;
    if (count === 0) continue;
    const blamed = whoRefused(hierarchy, group);
    if (blamed.because === null) {
      unclear.push({ group, candidates: blamed.candidates });
      continue;
    }
    const before = refusals.get(blamed.limit.path);
    refusals.set(blamed.limit.path, {
      count: count + (before?.count ?? 0),
      from: [...(before?.from ?? []), group],
      because: before?.because === 'full' ? 'full' : blamed.because,
    });
  }
  return { refusals, unclear };
}

type Blame =
  | { readonly because: 'full' | 'overshoot' | 'only-limit'; readonly limit: LimitedCgroup }
  | { readonly because: null; readonly candidates: readonly PidsCgroup[] };

/**
 * The kernel charges from the forking cgroup up and stops at the first one without room, so only one that was full can have
 * refused. Its own peak stays at the limit; the peaks below it, already charged, include the refused attempt (from 6.1 on).
 */
function whoRefused(hierarchy: PidsHierarchy, forking: PidsCgroup): Blame {
  const line = ancestry(hierarchy, forking.path);
  const limited = line.filter(isLimited);
  const full = limited.filter((group) => Math.max(group.current?.value ?? 0, group.peak?.value ?? 0) >= group.max.value);
  const overshot = overshotParents(line).filter(isLimited);
  const suspects = [...new Set([...full, ...overshot])];
  const [suspect] = suspects;
  if (suspect !== undefined) {
    if (suspects.length > 1) return { because: null, candidates: suspects };
    return { because: full.includes(suspect) ? 'full' : 'overshoot', limit: suspect };
  }
  const [only, ...others] = limited;
  if (only !== undefined && others.length === 0 && isComplete(line)) return { because: 'only-limit', limit: only };
  return { because: null, candidates: limited };
}

/** Parents whose peak is below their child's: the child was charged for an attempt that the parent's limit, since raised, refused. */
function overshotParents(line: readonly PidsCgroup[]): readonly PidsCgroup[] {
  return line.filter((parent, index) => {
    const child = line[index - 1];
    if (child === undefined || parentPath(child.path) !== parent.path) return false;
    return child.peak !== null && parent.peak !== null && child.peak.value > parent.peak.value;
  });
}

/**
 * Every level from the group to the root that can be seen is in the snapshot, and its pids.max could be read. What a cgroup
 * namespace hides above its root stays unknown, as does a limit that was lifted since: `only-limit` supports, it does not prove.
 */
function isComplete(line: readonly PidsCgroup[]): boolean {
  const levels = (line[0]?.path ?? '/').split('/').filter((name) => name !== '').length;
  const read = line.filter((group) => group.path !== '/');
  return read.length === levels && read.every((group) => group.max !== null);
}

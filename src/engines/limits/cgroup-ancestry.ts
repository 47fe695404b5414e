import type { PidsCgroup, PidsHierarchy } from '#facts/cgroup.ts';
import type { Located } from '#facts/evidence.ts';

/** A cgroup whose limit is a number. */
export type LimitedCgroup = PidsCgroup & { readonly max: Located<number> };

export function isLimited(group: PidsCgroup): group is LimitedCgroup {
  return group.max !== null && group.max.value !== 'max';
}

/** The cgroup at `path` and all its ancestors that the snapshot holds, from the leaf up: the order in which the kernel charges. */
export function ancestry(hierarchy: PidsHierarchy, path: string): readonly PidsCgroup[] {
  const found: PidsCgroup[] = [];
  for (let at = path; ; at = parentPath(at)) {
    const group = hierarchy.groups.get(at);
    if (group !== undefined) found.push(group);
    if (at === '/') return found;
  }
}

export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** True for the group itself as well. */
export function isWithin(path: string, ancestor: string): boolean {
  return ancestor === '/' || path === ancestor || path.startsWith(`${ancestor}/`);
}

/** The ancestor (or the group itself) with the least room: what a fork in `path` meets first. Null where none has a limit and a use. */
export function tightestLimit(hierarchy: PidsHierarchy, path: string): LimitedCgroup | null {
  let tightest: LimitedCgroup | null = null;
  for (const group of ancestry(hierarchy, path)) {
    if (!isLimited(group) || group.current === null) continue;
    if (tightest === null || slackOf(group) < slackOf(tightest)) tightest = group;
  }
  return tightest;
}

function slackOf(group: LimitedCgroup): number {
  return group.max.value - (group.current?.value ?? 0);
}

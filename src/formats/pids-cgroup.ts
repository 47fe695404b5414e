import type { PidsCgroup, PidsHierarchy } from '#facts/cgroup.ts';
import type { Located } from '#facts/evidence.ts';

/** Files of the pids controller by path below its root: `kubepods/pids.max` -> text. */
export type PidsFiles = ReadonlyMap<string, string>;

/**
 * The pids files of all cgroups. `kernel` is `uname -r`: pids.events of v2 counts in the limiting cgroup since 6.11 (385a635cacfe), before
 * that, and always on v1, in the cgroup that forked.
 */
export function readPidsHierarchy(
  files: PidsFiles,
  of: { readonly version: 1 | 2; readonly source: string; readonly kernel: string | null },
): PidsHierarchy {
  const folders = Map.groupBy(files.keys(), (path) => path.slice(0, path.lastIndexOf('/') + 1));
  const groups = new Map<string, PidsCgroup>();
  for (const folder of [...folders.keys()].toSorted()) {
    const path = folder === '' ? '/' : `/${folder.slice(0, -1)}`;
    groups.set(
      path,
      readGroup(path, (name) => files.get(`${folder}${name}`) ?? null, `${of.source}/${folder}`),
    );
  }
  const local = of.version === 2 && ([...groups.values()].some((group) => group.refusedLocal !== null) || isSince611(of.kernel));
  return { version: of.version, source: of.source, groups, eventsCount: local ? 'limiting-cgroup' : 'forking-cgroup' };
}

function isSince611(kernel: string | null): boolean {
  const [major = 0, minor = 0] = (kernel ?? '').split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 11);
}

function readGroup(path: string, fileOf: (name: string) => string | null, source: string): PidsCgroup {
  const located = <T>(name: string, read: (line: string) => T | null): Located<T> | null => {
    for (const [index, text] of (fileOf(name) ?? '').split('\n').entries()) {
      const value = read(text);
      if (value !== null) return { value, at: { source: source + name, line: index + 1 }, text };
    }
    return null;
  };
  const count = (line: string): number | null => (/^\d+$/.test(line) ? Number(line) : null);
  const event = (line: string): number | null => (/^max \d+$/.test(line) ? Number(line.slice(4)) : null);
  return {
    path,
    current: located('pids.current', count),
    max: located<number | 'max'>('pids.max', (line) => (line === 'max' ? 'max' : count(line))),
    refused: located('pids.events', event),
    refusedLocal: located('pids.events.local', event),
    peak: located('pids.peak', count),
  };
}

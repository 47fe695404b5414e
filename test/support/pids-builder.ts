import type { PidsCgroup, PidsHierarchy } from '#facts/cgroup.ts';
import { located } from './snapshot-builder.ts';

export interface Figures {
  readonly current?: number;
  readonly max?: number | 'max';
  readonly refused?: number;
  readonly local?: number;
  readonly peak?: number;
}

/** A pids hierarchy from the figures of its cgroups, by path. */
export function pidsHierarchy(
  groups: Readonly<Record<string, Figures>>,
  eventsCount: PidsHierarchy['eventsCount'] = 'forking-cgroup',
): PidsHierarchy {
  return {
    version: eventsCount === 'forking-cgroup' ? 1 : 2,
    source: 'cgroup/pids',
    groups: new Map(Object.entries(groups).map(([path, figures]) => [path, pidsCgroup(path, figures)])),
    eventsCount,
  };
}

function pidsCgroup(path: string, figures: Figures): PidsCgroup {
  const at = <T>(value: T | undefined, file: string) => (value === undefined ? null : located(value, `cgroup/pids${path}/${file}`));
  return {
    path,
    current: at(figures.current, 'pids.current'),
    max: at(figures.max, 'pids.max'),
    refused: at(figures.refused, 'pids.events'),
    refusedLocal: at(figures.local, 'pids.events.local'),
    peak: at(figures.peak, 'pids.peak'),
  };
}

import type { PidsCgroup, PidsHierarchy } from '#facts/cgroup.ts';
import { cite, type Evidence } from '#facts/evidence.ts';
import type { LimitQuestion, LimitUse } from '#facts/limit.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { isLimited, type LimitedCgroup } from './cgroup-ancestry.ts';
import { figure, type LimitAnswer, limitRow, question, stateNow } from './limit-row.ts';
import { type AttributedRefusals, type Attribution, attributeRefusals } from './refusal-attribution.ts';

/** One row for every cgroup with a pids limit, and one for kubepods where it has none. */
export function cgroupPids(snapshot: Snapshot): LimitAnswer {
  if (snapshot.pids.kind === 'missing') {
    return question('cgroup-pids', 'does a cgroup limit refuse forks?', `${snapshot.pids.source}: ${snapshot.pids.because}`);
  }
  const hierarchy = snapshot.pids.value;
  if (hierarchy.groups.size === 0) return question('cgroup-pids', 'does a cgroup limit refuse forks?', `${hierarchy.source}: no cgroups`);
  const attribution = attributeRefusals(hierarchy);
  const groups = [...hierarchy.groups.values()];
  return {
    limits: groups.flatMap((group) => rowOf(hierarchy, group, attribution)),
    undecided: [...groups.flatMap(unreadable), ...unclearRefusals(attribution)],
  };
}

function rowOf(hierarchy: PidsHierarchy, group: PidsCgroup, attribution: Attribution): readonly LimitUse[] {
  if (group.current === null || group.max === null) return [];
  const refusals = attribution.refusals.get(group.path);
  if (!isLimited(group))
    return isKubepods(group.path) || refusals !== undefined ? [unlimitedRow(group, group.current.value, refusals)] : [];
  const use = group.current.value;
  const now = stateNow(use, group.max.value);
  return [
    limitRow({
      id: 'cgroup-pids',
      subject: subjectOf(group.path),
      use,
      limit: group.max.value,
      unit: 'tasks',
      refused: refusedOf(hierarchy, group, attribution),
      peak: group.peak?.value ?? null,
      state: refusals !== undefined && now !== 'binds' ? 'bound' : now,
      ...(refusals?.because === 'only-limit' ? { confidence: 'supported' as const } : {}),
      owner: ownerOf(group.path),
      evidence: evidenceOf(group, use, refusals),
    }),
  ];
}

function unlimitedRow(group: PidsCgroup, use: number, refusals: AttributedRefusals | undefined): LimitUse {
  return limitRow({
    id: 'cgroup-pids',
    subject: subjectOf(group.path),
    use,
    limit: null,
    unit: 'tasks',
    refused: refusals?.count ?? group.refused?.value ?? null,
    peak: group.peak?.value ?? null,
    state: refusals === undefined ? 'free' : 'bound',
    owner: ownerOf(group.path),
    evidence: [
      ...(group.max === null ? [] : [cite(group.max, 'no limit')]),
      ...(group.current === null ? [] : [cite(group.current, `${figure(use)} tasks`)]),
      ...refusalEvidence(group, refusals),
    ],
  });
}

/** Null where the kernel's counter was not read, or where it counts refusals of a limit that cannot be told. */
function refusedOf(hierarchy: PidsHierarchy, group: PidsCgroup, attribution: Attribution): number | null {
  const known = attribution.refusals.get(group.path)?.count;
  if (attribution.unclear.some((entry) => entry.candidates.includes(group))) return null;
  if (known !== undefined) return known;
  const counted = [...hierarchy.groups.values()].some((other) => other.refused !== null);
  return counted ? 0 : null;
}

function evidenceOf(group: LimitedCgroup & PidsCgroup, use: number, refusals: AttributedRefusals | undefined): readonly Evidence[] {
  const { max, peak, current } = group;
  const lines = [cite(max, `at most ${figure(max.value)} tasks`)];
  if (current !== null) lines.push(cite(current, `${figure(use)} tasks now`));
  if (peak !== null) lines.push(cite(peak, peakSays(peak.value, max.value, refusals)));
  return [...lines, ...refusalEvidence(group, refusals)];
}

function peakSays(peak: number, max: number, refusals: AttributedRefusals | undefined): string {
  const raised =
    refusals !== undefined && peak < max ? ': it never held as many as it may now, so its limit was raised since it refused' : '';
  return `${figure(peak)} at most so far${raised}`;
}

/** How many counters are cited, the largest first: a storm has one for each of hundreds of containers. */
const citedCounters = 3;

function refusalEvidence(group: PidsCgroup, refusals: AttributedRefusals | undefined): readonly Evidence[] {
  if (refusals === undefined) return [];
  const largest = [...refusals.from].sort((a, b) => (b.refused?.value ?? 0) - (a.refused?.value ?? 0)).slice(0, citedCounters);
  return largest.flatMap((counter) => {
    const line = refusals.because === 'counted' ? (counter.refusedLocal ?? counter.refused) : counter.refused;
    return line === null ? [] : [cite(line, refusalSays(group, counter, refusals, line.value))];
  });
}

function refusalSays(group: PidsCgroup, counter: PidsCgroup, refusals: AttributedRefusals, count: number): string {
  const forks = `${figure(count)} fork${count === 1 ? '' : 's'} refused`;
  if (counter === group) return forks;
  const all = refusals.from.length > 1 ? ` (${figure(refusals.count)} in ${refusals.from.length} cgroups)` : '';
  switch (refusals.because) {
    case 'counted':
      return forks;
    case 'full':
      return `${forks}${all}, counted where the fork was tried; ${subjectOf(group.path)} was the full one`;
    case 'overshoot':
      return `${forks}${all}, counted where the fork was tried; the peak above ${subjectOf(group.path)}'s own shows whose limit it was`;
    case 'only-limit':
      return `${forks}${all}, counted where the fork was tried; no other cgroup above it that can be seen has a limit`;
    default:
      return refusals.because satisfies never;
  }
}

function unreadable(group: PidsCgroup): readonly LimitQuestion[] {
  if (group.path === '/' || (group.current !== null && group.max !== null)) return [];
  const files = [...(group.current === null ? ['pids.current'] : []), ...(group.max === null ? ['pids.max'] : [])];
  return [{ limit: 'cgroup-pids', question: `does ${subjectOf(group.path)} have room for tasks?`, missing: files.join(', ') }];
}

/** One question for each set of limits that may have refused, not one for each container. */
function unclearRefusals(attribution: Attribution): readonly LimitQuestion[] {
  const byCandidates = new Map<string, { count: number; cgroups: number }>();
  for (const { group, candidates } of attribution.unclear) {
    const key = candidates.map((candidate) => subjectOf(candidate.path)).join(' or ');
    const sum = byCandidates.get(key) ?? { count: 0, cgroups: 0 };
    byCandidates.set(key, { count: sum.count + (group.refused?.value ?? 0), cgroups: sum.cgroups + 1 });
  }
  return [...byCandidates].map(([candidates, sum]) => ({
    limit: 'cgroup-pids',
    question: `whose limit refused ${figure(sum.count)} forks in ${sum.cgroups} cgroup${sum.cgroups === 1 ? '' : 's'}?`,
    missing: `the kernel counted them where the fork was tried; ${candidates === '' ? 'no cgroup above has a limit now' : `it may have been ${candidates}`}`,
  }));
}

export function subjectOf(path: string): string {
  return path === '/' ? 'root of the cgroups that can be seen' : path.slice(1);
}

function isKubepods(path: string): boolean {
  return /(^|\/)kubepods(\.slice)?$/.test(path);
}

function ownerOf(path: string): string {
  if (isKubepods(path)) return 'kubelet, computed at its start from kernel.pid_max, kernel.threads-max and its reservations';
  if (/(^|[/-])pod[^/]*$/.test(path)) return 'kubelet: podPidsLimit';
  if (/(^|\/)kubepods/.test(path)) return 'container runtime';
  if (/\.service$|\.scope$/.test(path)) return 'systemd: TasksMax';
  if (/(^|\/)user(-\d+)?\.slice/.test(path)) return 'systemd: TasksMax of user slices';
  return 'whoever made the cgroup';
}

import type { Diagnosis, Finding } from '#facts/diagnosis.ts';
import { catalogue } from './catalogue.ts';
import type { Observations } from './observations.ts';
import { taskLimit } from './task-limit.ts';

/** What the facts found lead to that has not happened yet. */
export function whatIsAhead(seen: Observations, present: readonly Finding[]): Diagnosis['ahead'] {
  const there = new Set(present.map(({ id }) => id));
  const coming = new Set<string>();
  for (const mode of catalogue) {
    if (there.has(mode.id) ? !isLive(seen, mode.id) : !coming.has(mode.id)) continue;
    for (const next of mode.leadsTo) {
      if (!there.has(next) && canFollow(seen, next)) coming.add(next);
    }
  }
  return catalogue.filter(({ id }) => coming.has(id)).map(({ id, title, followsWhen }) => ({ id, title, when: followsWhen }));
}

/** A limit that has room again refuses nothing more: what it led to is past. */
function isLive(seen: Observations, id: string): boolean {
  if (id !== 'thread-storm' && id !== 'pids-limit-reached' && id !== 'component-restarts') return true;
  return taskLimit(seen)?.state === 'binds';
}

/** A pinned Felix does not detect. */
function canFollow({ configured, survey }: Observations, id: string): boolean {
  if (id !== 'backend-misdetected') return true;
  return configured.kind === 'read' && configured.value === 'auto' && survey.owned.some(({ owner }) => owner === 'calico');
}

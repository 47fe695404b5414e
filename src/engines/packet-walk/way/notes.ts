import type { Place } from '#facts/evidence.ts';
import type { Hook } from '#facts/rule.ts';
import type { Machine } from '../machine.ts';
import type { ChainEnd } from '../verdict.ts';

/** Notes what the kernel itself does between the tables; `at`: the route or setting by which it does. */
export function noteKernel(machine: Machine, hook: Hook, text: string, effect: string, at?: Place): void {
  const place = { source: at?.source ?? null, line: at?.line ?? null };
  machine.noteKernel({ hook, backend: null, family: '', table: '', chain: '', rule: null, text, effect, ...place });
}

/** What cannot be decided here, as a gap of the leg. */
export function gap(machine: Machine, hook: Hook, because: string): Exclude<ChainEnd, 'accept'> {
  machine.addGap({ backend: null, table: 'routing', chain: hook, rule: null, because });
  return 'undecided';
}

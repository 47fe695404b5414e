import type { LabEvent, TruthRow } from '../events.ts';
import type { LabPod } from '../plan.ts';
import { askKernel, probesOf } from './probes.ts';

/** Asks the kernel every probe of a phase, beside what the scenario claims and what the walker says. */
export type Truth = (
  phase: string,
  oldPods: readonly LabPod[],
  newPods: readonly LabPod[],
  dropped: 'nothing' | 'new pods',
) => Promise<void>;

export function openTruth(tell: (event: LabEvent) => void): Truth {
  return async (phase, oldPods, newPods, dropped) => {
    const results = await askKernel(probesOf(oldPods, newPods));
    const apps = newPods.map(({ app }) => app);
    const rows = results.map(({ probe, answer }): TruthRow => {
      const meetsNew = apps.some((app) => probe.title.split(/[ ,]/).includes(app));
      const { title, family, port } = probe;
      const claimed = dropped === 'new pods' && meetsNew ? 'dropped' : 'delivered';
      return { probe: { title, family, port }, kernel: answer, walker: 'not asked', claimed };
    });
    tell({ kind: 'truth', phase, rows, walkerMissing: 'this build of the lab does not ask the packet walk yet' });
  };
}

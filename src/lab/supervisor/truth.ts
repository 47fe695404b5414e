import { cpSync, rmSync } from 'node:fs';
import { describeProblem } from '#facts/result.ts';
import { openSnapshot } from '#snapshots/index.ts';
import type { LabEvent, LabPlan, TruthRow } from '../events.ts';
import type { LabPod } from '../plan.ts';
import type { LabNode } from './node-process.ts';
import { askKernel, type LabProbe, probesOf } from './probes.ts';
import { type EndCapture, packetFiles } from './veth-captures.ts';
import { walkerVerdicts } from './walker-verdicts.ts';

/** Asks the kernel every probe of a phase, beside what the scenario claims and what the walker says of a capture of that moment. */
export type Truth = (moment: PhaseMoment) => Promise<void>;

export interface PhaseMoment {
  readonly phase: string;
  readonly oldPods: readonly LabPod[];
  readonly newPods: readonly LabPod[];
  /** What the scenario claims of this phase: what does not arrive. */
  readonly dropped: 'nothing' | 'new pods';
  /** Packets seen meanwhile, for the snapshot. */
  readonly packets?: readonly EndCapture[];
}

export function openTruth(plan: LabPlan, node: LabNode, tell: (event: LabEvent) => void): Truth {
  const since = Date.now();
  return async ({ phase, oldPods, newPods, dropped, packets = [] }) => {
    const probes = probesOf(oldPods, newPods);
    const results = await askKernel(probes);
    const verdicts = await verdictsOf(phase, { plan, node, since, packets }, probes);
    const apps = newPods.map(({ app }) => app);
    const rows = results.map(({ probe, answer }, index): TruthRow => {
      const meetsNew = apps.some((app) => probe.title.split(' ').includes(app));
      const { title, family, port } = probe;
      const claimed = dropped === 'new pods' && meetsNew ? 'dropped' : 'delivered';
      return { probe: { title, family, port }, kernel: answer, walker: verdicts.words[index] ?? 'not asked', claimed };
    });
    tell({ kind: 'truth', phase, rows, walkerMissing: verdicts.missing });
  };
}

const recorded: Readonly<Record<string, string>> = { storm: 'backend-drift-storm', broken: 'backend-drift' };

/** Copies the capture of a phase that is worth keeping, as it is, into the folder that the user named. */
function recordPhase({ scenario, record }: LabPlan, phase: string, folder: string): void {
  const name = scenario === 'backend-drift' ? recorded[phase] : `${scenario}-${phase}`;
  if (record === null || name === undefined) return;
  rmSync(`${record}/${name}`, { recursive: true, force: true });
  cpSync(folder, `${record}/${name}`, { recursive: true });
}

interface Moment {
  readonly plan: LabPlan;
  readonly node: LabNode;
  readonly since: number;
  readonly packets: readonly EndCapture[];
}

/** Where the node refuses to start the dump commands, there is nothing to walk on: said, not guessed. */
async function verdictsOf(
  phase: string,
  { plan, node, since, packets }: Moment,
  probes: readonly LabProbe[],
): Promise<{ readonly words: readonly string[]; readonly missing: string | null }> {
  const folder = `/run/lab/snapshots/${phase}`;
  const notes = [
    `Recorded by faultline lab run ${plan.scenario} in phase ${phase}, on a real kernel, in namespaces and cgroups of its own.`,
    `Scale 1:${plan.scale}: thread numbers and limits are the incident's divided by ${plan.scale}.`,
    "Workloads, Felix, kubelet, kube-proxy and the API server are the lab's stand-ins; rules, cgroups, refusals, crashes and packets are real.",
  ];
  const missing = await node.call<readonly { path: string; because: string }[]>('capture', {
    folder,
    since,
    notes,
    extra: packetFiles(packets),
  });
  recordPhase(plan, phase, folder);
  const dump = missing.find(({ path }) => path.startsWith('netfilter/ip'));
  if (dump !== undefined) return { words: [], missing: `phase ${phase}: ${dump.path}: ${dump.because}` };
  const snapshot = openSnapshot(folder);
  if (!snapshot.ok) throw new Error(describeProblem(snapshot.problem));
  return { words: walkerVerdicts(snapshot.value, probes), missing: null };
}

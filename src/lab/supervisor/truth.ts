import { cpSync, rmSync } from 'node:fs';
import { describeProblem, type Result } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { type CaptureSummary, capture } from '#host/index.ts';
import { memoryFiles, openSnapshot, snapshotOf } from '#snapshots/index.ts';
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
    const verdicts = await verdictsOf(phase, { plan, node, since, tell, packets }, probes);
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
  readonly tell: (event: LabEvent) => void;
  readonly packets: readonly EndCapture[];
}

/** Where the node refuses to start the dump commands, the walker reads what the supervisor dumps, which no limit of the node binds. */
async function verdictsOf(
  phase: string,
  { plan, node, since, tell, packets }: Moment,
  probes: readonly LabProbe[],
): Promise<{ readonly words: readonly string[]; readonly missing: string | null }> {
  const folder = `/run/lab/snapshots/${phase}`;
  const notes = [
    `Recorded by faultline lab run ${plan.scenario} in phase ${phase}, on a real kernel, in namespaces and cgroups of its own.`,
    `Scale 1:${plan.scale}: thread numbers and limits are the incident's divided by ${plan.scale}.`,
    "Workloads, Felix, kubelet, kube-proxy and the API server are the lab's stand-ins; rules, cgroups, refusals, crashes and packets are real.",
  ];
  const missing = await node.call<readonly Missing[]>('capture', {
    folder,
    since,
    notes,
    extra: packetFiles(packets),
  });
  recordPhase(plan, phase, folder);
  const refused = missing.find(isDump);
  if (refused !== undefined) tell({ kind: 'step', text: `inside, ${refused.because}: the walker reads rules dumped from outside` });
  const { snapshot, lacking } = refused === undefined ? { snapshot: openSnapshot(folder), lacking: undefined } : captureFromOutside();
  if (lacking !== undefined) return { words: [], missing: `phase ${phase}: ${lacking.path}: ${lacking.because}` };
  if (!snapshot.ok) throw new Error(describeProblem(snapshot.problem));
  return { words: walkerVerdicts(snapshot.value, probes), missing: null };
}

type Missing = CaptureSummary['missing'][number];
const isDump = ({ path }: Missing): boolean => path.startsWith('netfilter/ip');

/** The same network namespace, captured by this process; for the walker only, never recorded. Rules may be lacking here too: then none. */
function captureFromOutside(): { readonly snapshot: Result<Snapshot>; readonly lacking: Missing | undefined } {
  const files = new Map<string, Uint8Array>();
  const write = (path: string, content: Uint8Array): void => void files.set(path, content);
  const { missing } = capture({ collector: 'faultline lab', exec: true, root: '/' }, { write });
  return { snapshot: snapshotOf(memoryFiles('the lab, from outside', files)), lacking: missing.find(isDump) };
}

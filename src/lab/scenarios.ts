import { broken, healthy, mirrored, repaired, type Stage, storm } from './supervisor/drift.ts';
import { staleRules, stormAlone, wrongBackend } from './supervisor/single-faults.ts';

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly phases: readonly Phase[];
}

/** A part of a scenario, by the name that `--hold` takes. */
interface Phase {
  readonly name: string;
  readonly play: (stage: Stage) => Promise<void>;
}

const inOrder: Phase = { name: 'healthy', play: healthy };

export const scenarios: readonly Scenario[] = [
  {
    name: 'backend-drift',
    summary: 'the whole incident: thread storm, Felix in the wrong backend, stale rules, dropped pods, repair; then mirrored',
    phases: [
      inOrder,
      { name: 'storm', play: storm },
      { name: 'broken', play: broken },
      { name: 'repaired', play: repaired },
      { name: 'mirrored-repaired', play: mirrored },
    ],
  },
  { name: 'healthy', summary: 'a node in order', phases: [inOrder] },
  { name: 'thread-storm', summary: 'only the storm, and the limit raised again', phases: [inOrder, { name: 'storm', play: stormAlone }] },
  {
    name: 'stale-rules',
    summary: 'Felix pinned to legacy on purpose, its old nft rules left; no new pod',
    phases: [inOrder, { name: 'stale', play: staleRules }],
  },
  {
    name: 'wrong-backend',
    summary: 'foreign legacy rules make Felix choose legacy at an ordinary restart; no new pod',
    phases: [inOrder, { name: 'wrong', play: wrongBackend }],
  },
];

export function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no such scenario: ${name}`);
  return found;
}

import { broken, healthy, mirrored, repaired, type Stage, storm } from './supervisor/drift.ts';
import { staleRules, stormAlone, wrongBackend } from './supervisor/single-faults.ts';

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly phases: readonly ((stage: Stage) => Promise<void>)[];
  /** Names of the phases that a run can be held in. */
  readonly phaseNames: readonly string[];
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'backend-drift',
    summary: 'the whole incident: thread storm, Felix in the wrong backend, stale rules, dropped pods, repair; then mirrored',
    phases: [healthy, storm, broken, repaired, mirrored],
    phaseNames: ['healthy', 'storm', 'broken', 'repaired', 'mirrored', 'mirrored-repaired'],
  },
  { name: 'healthy', summary: 'a node in order', phases: [healthy], phaseNames: ['healthy'] },
  {
    name: 'thread-storm',
    summary: 'only the storm, and the limit raised again',
    phases: [healthy, stormAlone],
    phaseNames: ['healthy', 'storm'],
  },
  {
    name: 'stale-rules',
    summary: 'Felix pinned to legacy on purpose, its old nft rules left; no new pod',
    phases: [healthy, staleRules],
    phaseNames: ['healthy', 'stale'],
  },
  {
    name: 'wrong-backend',
    summary: 'foreign legacy rules make Felix choose legacy at an ordinary restart; no new pod',
    phases: [healthy, wrongBackend],
    phaseNames: ['healthy', 'wrong'],
  },
];

export function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no such scenario: ${name}`);
  return found;
}

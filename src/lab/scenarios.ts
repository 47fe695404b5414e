import { broken, healthy, mirrored, repaired, type Stage, storm } from './supervisor/drift.ts';

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly phases: readonly ((stage: Stage) => Promise<void>)[];
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'backend-drift',
    summary: 'the whole incident: thread storm, Felix in the wrong backend, stale rules, dropped pods, repair; then mirrored',
    phases: [healthy, storm, broken, repaired, mirrored],
  },
  { name: 'healthy', summary: 'a node in order', phases: [healthy] },
];

export function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no such scenario: ${name}`);
  return found;
}

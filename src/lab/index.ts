export type { LabEvent, TruthRow } from './events.ts';
export { execInLab } from './launcher/exec-in-lab.ts';
export { listLabs, removeLeftovers } from './launcher/leftovers.ts';
export { whyNot } from './launcher/preflight.ts';
export { runLab } from './launcher/run-lab.ts';
export { pidsRoot } from './node/cgroups.ts';
export { scenarios } from './scenarios.ts';

import type { Modules, TargetModule } from '../module.ts';
import { conntrackTargets } from './conntrack.ts';
import { markModules } from './marks.ts';
import { natModules } from './nat.ts';
import { packetFieldTargets } from './packet-fields.ts';
import { rejectModules } from './reject.ts';
import { setTargets } from './set.ts';
import { watcherModules } from './watchers.ts';

/** Every xt target that we know, by name and revision. */
export const targetModules: Modules<TargetModule> = {
  ...rejectModules,
  ...natModules,
  ...markModules,
  ...conntrackTargets,
  ...packetFieldTargets,
  ...watcherModules,
  ...setTargets,
};

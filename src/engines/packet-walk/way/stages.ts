import type { Machine } from '../machine.ts';
import { bridgedForwardStage, bridgedPostroutingStage, bridgeStage } from './bridge.ts';
import { forwardHookStage, forwardStage } from './forward.ts';
import { deliverStage, inputStage } from './input.ts';
import { routeStage } from './input-route.ts';
import { outputHookStage, outputStage } from './output.ts';
import { postroutingStage } from './postrouting.ts';
import { arrivalStage, preroutingStage } from './prerouting.ts';
import type { Next, StageName } from './stage.ts';

/** Each stage may be entered again by a machine that was split off inside it. */
export const stages: Readonly<Record<StageName, (machine: Machine) => Next>> = {
  arrival: arrivalStage,
  bridge: bridgeStage,
  'bridged-forward': bridgedForwardStage,
  'bridged-postrouting': bridgedPostroutingStage,
  prerouting: preroutingStage,
  route: routeStage,
  input: inputStage,
  deliver: deliverStage,
  forward: forwardStage,
  'forward-hook': forwardHookStage,
  postrouting: postroutingStage,
  output: outputStage,
  'output-hook': outputHookStage,
};

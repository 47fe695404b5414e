import type { LabPlan } from '../events.ts';
import { servePeer, tellParent } from '../peer.ts';
import { scenarioOf } from '../scenarios.ts';
import type { Stage } from './drift.ts';
import { isolateFolders } from './isolate.ts';
import { buildNode } from './network.ts';
import { startNode } from './node-process.ts';
import { openTruth } from './truth.ts';

/**
 * Directs one lab. Lives in the lab's network, mount and UTS namespaces but in the machine's PID namespace, so that no limit of the
 * lab's node binds it, and no rule of it can reach the machine.
 */
async function run(plan: LabPlan): Promise<null> {
  isolateFolders();
  buildNode();
  const capacity = Math.floor(65_535 / plan.scale);
  const node = await startNode(plan, capacity);
  if (plan.limit === 'pid-max') await node.call('setPidMax', capacity);
  const stage: Stage = { plan, node, tell: tellParent, truth: openTruth(plan, node, tellParent), warnings: [] };
  for (const { name, play } of scenarioOf(plan.scenario).phases) {
    await play(stage);
    if (plan.hold !== name) continue;
    tellParent({ kind: 'held', phase: name, nodePid: node.child.pid ?? 0 });
    await new Promise(() => setInterval(() => {}, 60_000));
  }
  return null;
}

servePeer({ run });

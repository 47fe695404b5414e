import type { FelixStart } from '../node/init.ts';
import { oldPods, orderPods } from '../plan.ts';
import { runProgram } from '../run-program.ts';
import type { Mode } from '../stand-ins/detection.ts';
import { fillNode, programPods, publish, type Stage } from './drift.ts';

/** The storm alone: it meets the limit, the limit is raised, and nothing else happened. */
export async function stormAlone(stage: Stage): Promise<void> {
  await fillNode(stage);
  await stage.node.call('setLimit', Math.round(2_000_000 / stage.plan.scale));
  if (stage.plan.limit === 'pid-max') await stage.node.call('setPidMax', Math.round(2_000_000 / stage.plan.scale));
  await stage.truth({ phase: 'storm', oldPods: [...oldPods, ...orderPods.slice(0, 1)], newPods: [], dropped: 'nothing' });
}

/** Someone pinned Felix to legacy and restarted it; its nft rules stay. No pod came since. */
export async function staleRules(stage: Stage): Promise<void> {
  const why = 'Felix was pinned to legacy and restarted; nobody removed its nft rules; no pod came since';
  stage.tell({ kind: 'phase', phase: 'stale', title: 'stale rules', why });
  await restart(stage, 'legacy');
  await stage.truth({ phase: 'stale', oldPods, newPods: [], dropped: 'nothing' });
}

/** Another service wrote 12 legacy rules, and an ordinary restart of Felix chose legacy (calico#8243). No pod came since. */
export async function wrongBackend(stage: Stage): Promise<void> {
  const why = 'another service wrote 12 legacy rules; at an ordinary restart Felix counts 10 or more and chooses legacy';
  stage.tell({ kind: 'phase', phase: 'wrong', title: 'the wrong backend', why });
  const rules = Array.from({ length: 12 }, (_, index) => `-A BACKUP-AGENT -p tcp -m tcp --dport ${9000 + index} -j ACCEPT`);
  const text = ['*filter', ':BACKUP-AGENT - [0:0]', ...rules, 'COMMIT', ''].join('\n');
  runProgram('iptables-legacy-restore', ['--noflush'], text);
  await restart(stage, null);
  await stage.truth({ phase: 'wrong', oldPods, newPods: [], dropped: 'nothing' });
}

async function restart(stage: Stage, pin: Mode | null): Promise<void> {
  await stage.node.call('stopFelix');
  publish(oldPods, { calicoRestarts: 1, pin });
  const start = await stage.node.call<FelixStart>('startFelix', { pin, threads: true });
  if (start.kind !== 'running' || start.mode !== 'legacy') throw new Error(`Felix should use legacy: ${JSON.stringify(start)}`);
  await programPods(stage, oldPods, true);
}

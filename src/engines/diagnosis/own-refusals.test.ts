import { expect, test } from 'vitest';
import type { PidsCgroup } from '#facts/cgroup.ts';
import type { LogEvent } from '#facts/log.ts';
import { nodeSnapshot } from '../../../test/support/node-files.ts';
import { ownRefusals } from './own-refusals.ts';

const container = '/kubepods/burstable/pod8aca9081-db8c-4a4d-af9b-24eb9bb43b34/280a8ca54bee';

test.each([
  { rule: "a container's cgroup that is there", path: container, counts: true },
  { rule: 'one that is gone, below a root that is there', path: '/kubepods/burstable/pod1/2', counts: true },
  { rule: 'the same, written from the root of the machine', path: `/docker/4f1e${container}`, counts: true },
  { rule: "a neighbour's container", path: '/docker/77aa/kubepods/burstable/pod1/2', counts: false },
  { rule: "a neighbour's kubelet, named as every kubelet is", path: '/docker/77aa/system.slice/kubelet.service', counts: false },
])('a refusal in $rule: counts $counts', ({ path, counts }) => {
  const names = ['/', '/kubepods', '/system.slice', '/system.slice/kubelet.service', container];
  const groups = new Map(names.map((name) => [name, {} as PidsCgroup]));
  const healthy = nodeSnapshot({});
  if (healthy.pids.kind === 'missing') throw new Error('the fixture has cgroups');
  const snapshot = { ...healthy, pids: { ...healthy.pids, value: { ...healthy.pids.value, groups } } };
  const refusal = { signature: 'cgroup-fork-rejected', fields: { cgroup: path } as Readonly<Record<string, string>> } as LogEvent;
  expect(ownRefusals({ snapshot, events: [refusal] })).toEqual(counts ? [refusal] : []);
});

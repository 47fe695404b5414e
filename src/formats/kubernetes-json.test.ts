import { expect, test } from 'vitest';
import { formatAddress } from '#facts/address.ts';
import type { Result } from '#facts/result.ts';
import { readDaemonSets, readEvents, readFelixConfigurations, readNodes, readPods, readServices } from './kubernetes-json.ts';

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}
const list = (...items: readonly unknown[]) => JSON.stringify({ apiVersion: 'v1', items, kind: 'List' }, null, 4);
const pod = {
  metadata: {
    creationTimestamp: '2025-09-20T02:00:00Z',
    labels: { name: 'not the name', 'pod-template-hash': '7d9f8' },
    name: 'orders-7d9f8-x2',
    namespace: 'shop',
    ownerReferences: [{ kind: 'ReplicaSet', name: 'orders-7d9f8' }],
    uid: 'u1',
  },
  spec: {
    containers: [
      {
        name: 'app',
        image: 'shop/orders:1',
        env: [{ name: 'A', value: 'x' }, { name: 'EMPTY' }, { name: 'REF', valueFrom: { fieldRef: {} } }],
        ports: [{ containerPort: 8080, protocol: 'TCP' }],
      },
    ],
    nodeName: 'n1',
  },
  status: {
    phase: 'Running',
    podIP: '10.244.1.23',
    podIPs: [{ ip: '10.244.1.23' }, { ip: 'fd00::23' }],
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ restartCount: 3 }, { restartCount: 1 }],
  },
};

test('a pod is cited by the line of its own name', () => {
  const text = list(pod, { ...pod, metadata: { ...pod.metadata, name: 'second', ownerReferences: [] } });
  const [first, second] = value(readPods(text, 'kubernetes/pods.json'));
  expect(first).toMatchObject({
    namespace: 'shop',
    name: 'orders-7d9f8-x2',
    owner: 'Deployment/orders',
    restarts: 4,
    ready: true,
    node: 'n1',
  });
  expect(first?.addresses.map(formatAddress)).toEqual(['10.244.1.23', 'fd00::23']);
  expect([...(first?.environment ?? [])]).toEqual([
    ['app/A', 'x'],
    ['app/EMPTY', ''],
    ['app/REF', null],
  ]);
  expect(first?.ports).toEqual([{ port: 8080, protocol: 'tcp' }]);
  for (const each of [first, second]) expect(each?.text).toBe(text.split('\n')[(each?.at.line ?? 0) - 1]);
  expect(first?.text.trim()).toBe('"name": "orders-7d9f8-x2",');
  expect(second).toMatchObject({ name: 'second', owner: null });
});

test('a ReplicaSet without template hash keeps its name', () => {
  const bare = { ...pod, metadata: { ...pod.metadata, labels: {}, ownerReferences: [{ kind: 'ReplicaSet', name: 'batch-alpha' }] } };
  expect(value(readPods(JSON.stringify(bare), 'p'))[0]?.owner).toBe('ReplicaSet/batch-alpha');
});

test('a single object, on one line, is cited at line 1', () => {
  expect(value(readPods(JSON.stringify(pod), 'p'))[0]?.at).toEqual({ source: 'p', line: 1 });
});

test('an event is cited by its message', () => {
  const event = {
    count: 12,
    firstTimestamp: '2025-09-20T02:10:00Z',
    involvedObject: { kind: 'Pod', name: 'calico-node-1', namespace: 'kube-system' },
    lastTimestamp: '2025-09-20T02:14:00Z',
    message: 'Back-off restarting failed container',
    metadata: { name: 'e1', namespace: 'kube-system' },
    reason: 'BackOff',
    type: 'Warning',
  };
  const [found] = value(readEvents(list(event), 'kubernetes/events.json'));
  expect(found).toMatchObject({
    reason: 'BackOff',
    count: 12,
    object: 'Pod/kube-system/calico-node-1',
    time: Date.UTC(2025, 8, 20, 2, 14),
  });
  expect(found?.text).toContain('"message": "Back-off');
});

test('an event of events.k8s.io reads the same', () => {
  const event = {
    metadata: { name: 'e' },
    regarding: { kind: 'Node', name: 'n1' },
    note: 'x',
    eventTime: '2025-09-20T02:14:00.5Z',
    series: { count: 3 },
  };
  expect(value(readEvents(list(event), 'e'))[0]).toMatchObject({
    message: 'x',
    object: 'Node/n1',
    count: 3,
    time: Date.UTC(2025, 8, 20, 2, 14, 0, 500),
  });
});

test('services, nodes, daemon sets and Felix configurations', () => {
  const service = {
    metadata: { name: 's', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.10', ports: [{ port: 80, targetPort: 'http', nodePort: 30080 }] },
  };
  expect(value(readServices(list(service), 's'))[0]).toMatchObject({
    ports: [{ port: 80, protocol: 'tcp', targetPort: 'http', nodePort: 30080 }],
  });
  const node = {
    metadata: { name: 'n1' },
    spec: { podCIDR: '10.244.1.0/24' },
    status: { nodeInfo: { kubeletVersion: 'v1.19.16' }, addresses: [{ address: '192.168.0.1' }, { address: 'n1' }] },
  };
  expect(value(readNodes(list(node), 'n'))[0]).toMatchObject({
    podPrefixes: ['10.244.1.0/24'],
    kubeletVersion: 'v1.19.16',
    addresses: [{ family: 'ip' }],
  });
  const daemon = {
    metadata: { name: 'calico-node', namespace: 'kube-system' },
    spec: { updateStrategy: { type: 'RollingUpdate' }, template: { spec: { containers: [{ name: 'c', image: 'i' }] } } },
  };
  expect(value(readDaemonSets(list(daemon), 'd'))[0]).toMatchObject({ updateStrategy: 'RollingUpdate', images: ['i'] });
  const [felix] = value(readFelixConfigurations(list({ metadata: { name: 'default' }, spec: { iptablesBackend: 'NFT' } }), 'f'));
  expect(felix?.iptablesBackend).toBe('NFT');
  expect(felix?.text.trim()).toBe('"iptablesBackend": "NFT"');
});

test.each([
  ['cut in the middle', '{"items": [\n{"metadata": ', 2],
  ['an error of kubectl', 'Error from server (Forbidden)', 1],
  ['another JSON', '{"a": 1}', 1],
])('%s is a problem with its line', (_, text, line) => {
  expect(readPods(text, 'kubernetes/pods.json')).toMatchObject({ ok: false, problem: { source: 'kubernetes/pods.json', line } });
});

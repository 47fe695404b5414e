import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type LabPod, nodeAddress, nodeName, podPort, servicesOf, uuid } from '../plan.ts';
import type { Mode } from '../stand-ins/detection.ts';

/** What the API server of the lab's cluster would answer about the node: one `kubectl get -o json` List per resource. */
export interface ClusterState {
  readonly pods: readonly LabPod[];
  readonly createdAt: ReadonlyMap<string, string>;
  readonly calicoRestarts: number;
  /** What FelixConfiguration says of the backend; null: nothing, so Felix detects. */
  readonly pin: Mode | null;
  readonly warnings: readonly { readonly reason: string; readonly message: string; readonly time: string; readonly count: number }[];
}

const folder = '/run/lab/kubernetes';

/** A `kubectl` for the lab's node: it prints the lab's files for `kubectl ... get RESOURCE ... -o json`. */
export function installKubectl(): void {
  mkdirSync('/run/lab/bin', { recursive: true });
  mkdirSync(folder, { recursive: true });
  const script = `#!/bin/sh
# Stands in for kubectl in a lab: serves what the lab wrote.
while [ $# -gt 0 ] && [ "$1" != get ]; do shift; done
resource=\${2%%.*}
[ -r "${folder}/$resource.json" ] && exec cat "${folder}/$resource.json"
echo "error: the server doesn't have a resource type \\"$resource\\"" >&2
exit 1
`;
  writeFileSync('/run/lab/bin/kubectl', script);
  chmodSync('/run/lab/bin/kubectl', 0o755);
  writeFileSync('/run/lab/kubeconfig', 'apiVersion: v1\nkind: Config\n');
}

export function writeObjects(state: ClusterState): void {
  write('pods', [...state.pods.map((pod) => workload(pod, state)), calicoNode(state)]);
  write('services', servicesOf(state.pods).map(service));
  write('nodes', [node()]);
  write('events', state.warnings.map(warning));
  write('daemonsets', [calicoDaemonSet()]);
  const spec = state.pin === null ? {} : { iptablesBackend: state.pin === 'nft' ? 'NFT' : 'Legacy' };
  write('felixconfigurations', [
    { apiVersion: 'crd.projectcalico.org/v1', kind: 'FelixConfiguration', metadata: { name: 'default' }, spec },
  ]);
}

function write(resource: string, items: readonly object[]): void {
  writeFileSync(`${folder}/${resource}.json`, `${JSON.stringify({ apiVersion: 'v1', items, kind: 'List', metadata: {} }, null, 4)}\n`);
}

function workload(pod: LabPod, state: ClusterState): object {
  const created = state.createdAt.get(pod.name);
  const replicaSet = pod.name.slice(0, pod.name.lastIndexOf('-'));
  const addresses = [pod.addresses.ip, pod.addresses.ip6];
  const containers = [{ name: pod.app, image: `registry.example/${pod.app}:1`, ports: [{ containerPort: podPort, protocol: 'TCP' }] }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
      creationTimestamp: created,
      labels: { app: pod.app, 'pod-template-hash': replicaSet.slice(replicaSet.lastIndexOf('-') + 1) },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet, controller: true }],
    },
    spec: { nodeName, serviceAccountName: 'default', containers },
    status: {
      phase: 'Running',
      podIP: pod.addresses.ip,
      podIPs: addresses.map((ip) => ({ ip })),
      startTime: created,
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: pod.app, ready: true, restartCount: 0 }],
    },
  };
}

function calicoNode(state: ClusterState): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'calico-node-x7k2p',
      namespace: 'kube-system',
      uid: uuid('calico-node'),
      creationTimestamp: state.createdAt.get('calico-node'),
      labels: { 'k8s-app': 'calico-node' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'calico-node', controller: true }],
    },
    spec: { nodeName, hostNetwork: true, containers: [calicoContainer()] },
    status: {
      phase: 'Running',
      podIP: nodeAddress.ip,
      podIPs: [{ ip: nodeAddress.ip }, { ip: nodeAddress.ip6 }],
      startTime: state.createdAt.get('calico-node'),
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'calico-node', ready: true, restartCount: state.calicoRestarts }],
    },
  };
}

function calicoContainer(): object {
  return {
    name: 'calico-node',
    image: 'docker.io/calico/node:v3.18.1',
    env: [{ name: 'FELIX_DEFAULTENDPOINTTOHOSTACTION', value: 'ACCEPT' }],
  };
}

function calicoDaemonSet(): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'calico-node', namespace: 'kube-system' },
    spec: { updateStrategy: { type: 'RollingUpdate' }, template: { spec: { hostNetwork: true, containers: [calicoContainer()] } } },
  };
}

function service({ namespace, name, clusterIp, port, portName, targetPort }: ReturnType<typeof servicesOf>[number]): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterIp.ip,
      clusterIPs: [clusterIp.ip, clusterIp.ip6],
      selector: { app: name },
      ports: [{ name: portName, port, protocol: 'TCP', targetPort }],
    },
  };
}

function node(): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nodeName },
    spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24', 'fd00:10:244:1::/64'] },
    status: {
      addresses: [
        { type: 'InternalIP', address: nodeAddress.ip },
        { type: 'InternalIP', address: nodeAddress.ip6 },
        { type: 'Hostname', address: nodeName },
      ],
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
      nodeInfo: { kubeletVersion: 'v1.19.16' },
    },
  };
}

function warning({ reason, message, time, count }: ClusterState['warnings'][number], index: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    type: 'Warning',
    metadata: { name: `calico-node-x7k2p.${index}`, namespace: 'kube-system' },
    involvedObject: { kind: 'Pod', namespace: 'kube-system', name: 'calico-node-x7k2p' },
    reason,
    message,
    count,
    firstTimestamp: time,
    lastTimestamp: time,
  };
}

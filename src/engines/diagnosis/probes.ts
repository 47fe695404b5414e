import type { Address } from '#facts/address.ts';
import type { Pod, Service } from '#facts/kubernetes.ts';
import type { Probe } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';

/** One connection that must work on a sound node. */
export interface NamedProbe {
  readonly name: string;
  readonly pod: Pod;
  /** Between the node and the pod: it fails by this pod's own interface only. */
  readonly local: boolean;
  readonly probe: Probe;
}

/** More pods than this are not walked; the report says so. */
export const maxPods = 64;

/** Pods of this node that have an address in the pod network and run. */
export function walkablePods(snapshot: Snapshot): readonly Pod[] {
  if (snapshot.pods.kind === 'missing') return [];
  return snapshot.pods.value.filter(
    (pod) =>
      !pod.hostNetwork &&
      pod.phase === 'Running' &&
      pod.deletedAt === null &&
      pod.addresses.length > 0 &&
      (pod.node === null || pod.node === snapshot.node),
  );
}

/** Host to pod and back, pod to pod, pod to service: TCP and ICMP, for the first `maxPods` pods. */
export function probesOf(snapshot: Snapshot): readonly NamedProbe[] {
  const pods = walkablePods(snapshot).slice(0, maxPods);
  const host = hostAddress(snapshot);
  const [service] = snapshot.services.kind === 'read' ? snapshot.services.value.filter(hasTcp) : [];
  return pods.flatMap((pod, i) => probesOfPod({ pod, peer: pods[(i + 1) % pods.length] ?? pod, host, service: service ?? null }));
}

interface Around {
  readonly pod: Pod;
  readonly peer: Pod;
  readonly host: Address | null;
  readonly service: Service | null;
}

function probesOfPod({ pod, peer, host, service }: Around): readonly NamedProbe[] {
  const own = pod.addresses.find(({ family }) => family === 'ip');
  const other = peer.addresses.find(({ family }) => family === 'ip');
  if (own === undefined) return [];
  const name = `${pod.namespace}/${pod.name}`;
  const port = tcpPort(pod);
  const cluster = service?.addresses.find(({ family }) => family === 'ip');
  const clusterPort = service?.ports.find(({ protocol }) => protocol === 'tcp' || protocol === 'TCP')?.port;
  return [
    ...(host === null
      ? []
      : [
          { name: `host -> ${name} icmp`, pod, local: true, probe: icmp(host, own) },
          { name: `host -> ${name}:${port} tcp`, pod, local: true, probe: tcp(host, own, port) },
          { name: `${name} -> host icmp`, pod, local: true, probe: icmp(own, host) },
        ]),
    ...(other === undefined || peer === pod
      ? []
      : [
          {
            name: `${name} -> ${peer.namespace}/${peer.name}:${tcpPort(peer)} tcp`,
            pod,
            local: false,
            probe: tcp(own, other, tcpPort(peer)),
          },
        ]),
    ...(cluster === undefined || clusterPort === undefined
      ? []
      : [
          {
            name: `${name} -> service ${service?.namespace}/${service?.name}:${clusterPort} tcp`,
            pod,
            local: false,
            probe: tcp(own, cluster, clusterPort),
          },
        ]),
  ];
}

const tcpPort = (pod: Pod): number => pod.ports.find(({ protocol }) => protocol === 'tcp')?.port ?? 80;
const hasTcp = (service: Service): boolean =>
  service.addresses.length > 0 && service.ports.some(({ protocol }) => protocol.toLowerCase() === 'tcp');

/** An address of the node itself that packets to pods may carry: of global scope, on an interface that is no workload's. */
function hostAddress({ addresses }: Snapshot): Address | null {
  if (addresses.kind === 'missing') return null;
  const own = addresses.value.find(
    ({ address, scope, interface: device }) => address.family === 'ip' && scope === 'global' && !device.startsWith('cali'),
  );
  return own?.address ?? null;
}

const common = { inInterface: null, icmp: null, tcpFlags: null, state: 'NEW', mark: 0 } as const;

function tcp(from: Address, to: Address, toPort: number): Probe {
  return { ...common, from, to, protocol: 6, fromPort: 40_000, toPort };
}

function icmp(from: Address, to: Address): Probe {
  return { ...common, from, to, protocol: from.family === 'ip' ? 1 : 58, fromPort: null, toPort: null };
}

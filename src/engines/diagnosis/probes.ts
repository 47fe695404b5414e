import { type Address, prefixContains } from '#facts/address.ts';
import type { Pod } from '#facts/kubernetes.ts';
import type { Probe } from '#facts/packet-walk.ts';
import type { Rule } from '#facts/rule.ts';
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
  const service = servedPort(snapshot);
  return pods.flatMap((pod, i) => probesOfPod({ pod, peer: pods[(i + 1) % pods.length] ?? pod, host, service }));
}

interface Around {
  readonly pod: Pod;
  readonly peer: Pod;
  readonly host: Address | null;
  readonly service: ServedPort | null;
}

function probesOfPod({ pod, peer, host, service }: Around): readonly NamedProbe[] {
  const own = pod.addresses.find(({ family }) => family === 'ip');
  const other = peer.addresses.find(({ family }) => family === 'ip');
  if (own === undefined) return [];
  const name = `${pod.namespace}/${pod.name}`;
  const port = tcpPort(pod);
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
    ...(service === null
      ? []
      : [
          {
            name: `${name} -> service ${service.name}:${service.port} tcp`,
            pod,
            local: false,
            probe: tcp(own, service.address, service.port),
          },
        ]),
  ];
}

const tcpPort = (pod: Pod): number => pod.ports.find(({ protocol }) => protocol === 'tcp')?.port ?? 80;

/** A port of a Service that has endpoints: only then kube-proxy sends its address on to a KUBE-SVC chain (writeServiceRules; also in 1.19). */
interface ServedPort {
  readonly name: string;
  readonly address: Address;
  readonly port: number;
}

function servedPort(snapshot: Snapshot): ServedPort | null {
  const services = snapshot.services.kind === 'read' ? snapshot.services.value : [];
  const served = servedRules(snapshot);
  for (const service of services) {
    for (const address of service.addresses.filter(({ family }) => family === 'ip')) {
      const found = service.ports.find(
        ({ port, protocol }) => protocol.toLowerCase() === 'tcp' && served.some((rule) => isFor(rule, address, port)),
      );
      if (found !== undefined) return { name: `${service.namespace}/${service.name}`, address, port: found.port };
    }
  }
  return null;
}

function servedRules({ rulesets }: Snapshot): readonly Rule[] {
  return [rulesets.nft.ip, rulesets.legacy.ip].flatMap((dump) => {
    const chain = dump.kind === 'read' ? dump.value.tables.get('nat')?.chains.get('KUBE-SERVICES') : undefined;
    return (chain?.rules ?? []).filter(({ target }) => target.kind === 'jump' && target.chain.startsWith('KUBE-SVC-'));
  });
}

function isFor({ matches }: Rule, address: Address, port: number): boolean {
  const to = matches.find((match) => match.kind === 'destination');
  const ports = matches.find((match) => match.kind === 'ports');
  if (to === undefined || ports === undefined || to.kind !== 'destination' || ports.kind !== 'ports') return false;
  return (
    !to.negated &&
    prefixContains(to.prefix, address) &&
    !ports.negated &&
    ports.ranges.some(({ first, last }) => first <= port && port <= last)
  );
}

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

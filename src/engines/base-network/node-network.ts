import { type Address, formatAddress, prefixContains } from '#facts/address.ts';
import type { Pod } from '#facts/kubernetes.ts';
import type { Link, Route } from '#facts/network.ts';
import type { Snapshot } from '#facts/snapshot.ts';

/** One address of a running pod of this node that has a network namespace of its own. */
export interface Endpoint {
  readonly pod: Pod;
  /** `namespace/name`. */
  readonly name: string;
  readonly address: Address;
  /** The host route to exactly this address; null where there is none or routes were not read. */
  readonly route: Route | null;
}

/** What all checks look at. */
export interface NodeNetwork {
  readonly snapshot: Snapshot;
  readonly endpoints: readonly Endpoint[];
  /** Why the endpoints are not known, or null. */
  readonly endpointsMissing: string | null;
  readonly links: ReadonlyMap<string, Link>;
  readonly linksMissing: string | null;
  readonly routesMissing: string | null;
  /** Links of workloads: Calico's names, and every interface that an endpoint's route names. */
  readonly workloadLinks: readonly Link[];
}

/** `cali` and eleven hex digits (Calico CNI plugin: of the SHA-1 of `namespace.pod`). */
const calicoVeth = /^cali[0-9a-f]{11}$/;

export function nodeNetwork(snapshot: Snapshot): NodeNetwork {
  const { links, routes } = snapshot;
  const byName = new Map(links.kind === 'read' ? links.value.map((link) => [link.name, link]) : []);
  const endpoints = endpointsOf(snapshot, routes.kind === 'read' ? routes.value : []);
  const routed = new Set(endpoints.flatMap((endpoint) => endpoint.route?.interface ?? []));
  const workloadLinks = [...byName.values()].filter((link) => calicoVeth.test(link.name) || routed.has(link.name));
  return {
    snapshot,
    endpoints,
    endpointsMissing: endpointsMissing(snapshot, endpoints, workloadLinks),
    links: byName,
    linksMissing: links.kind === 'missing' ? `${links.source}: ${links.because}` : null,
    routesMissing: routes.kind === 'missing' ? `${routes.source}: ${routes.because}` : null,
    workloadLinks,
  };
}

function endpointsOf(snapshot: Snapshot, routes: readonly Route[]): readonly Endpoint[] {
  if (snapshot.pods.kind === 'missing') return [];
  const here = snapshot.pods.value.filter(
    (pod) => pod.node === snapshot.node && !pod.hostNetwork && pod.phase === 'Running' && pod.deletedAt === null,
  );
  const toHosts = routes.filter((route) => route.type === 'unicast' && isHostRoute(route));
  return here.flatMap((pod) =>
    pod.addresses.map((address) => ({
      pod,
      name: `${pod.namespace}/${pod.name}`,
      address,
      route: toHosts.find((route) => prefixContains(route.destination, address)) ?? null,
    })),
  );
}

function isHostRoute(route: Route): boolean {
  return route.table === 'main' && route.destination.bits === (route.family === 'ip' ? 32 : 128);
}

function endpointsMissing(snapshot: Snapshot, endpoints: readonly Endpoint[], workloads: readonly Link[]): string | null {
  if (snapshot.pods.kind === 'missing') return `${snapshot.pods.source}: ${snapshot.pods.because}`;
  if (endpoints.length > 0 || workloads.length === 0) return null;
  return `${snapshot.pods.source}: no running pod of node ${snapshot.node}, which has ${workloads.length} workload interfaces`;
}

export function endpointText(endpoint: Endpoint): string {
  return `${endpoint.name} (${formatAddress(endpoint.address)})`;
}

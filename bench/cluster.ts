import { calicoRules, calicoSets } from '#lab/rules/calico.ts';
import { interfaceName } from '#lab/rules/calico-names.ts';
import type { Workload } from '#lab/rules/topology.ts';
import { kubeProxyRules, serviceAt } from './kube-proxy-rules.ts';

/** A node of a generated cluster: kube-proxy's rules for all services, Calico's for the pods of this node, for either backend. */
export interface Cluster {
  /** kube-proxy's nat table, for a plain restore. */
  readonly services: string;
  /** Calico's tables, for a restore with --noflush behind it. */
  readonly calico: string;
  readonly ipsets: string;
  readonly serviceRules: number;
  readonly serviceCount: number;
  readonly workloads: readonly Workload[];
}

export const podCount = 110;
export const nodeAddress = '192.0.2.10';
export const podPool = '10.244.0.0/14';
/** In the services' range, and no service: what a packet to it costs is the whole of KUBE-SERVICES. */
export const noService = '10.111.255.1';

/** About `rules` rules of kube-proxy, and Calico's for 110 pods. The first services' endpoints are the node's own pods. */
export function clusterOf(rules: number): Cluster {
  const { text, ruleCount } = kubeProxyRules(rules);
  const workloads = Array.from({ length: podCount }, (_, i) => workload(i));
  return {
    services: text,
    calico: calicoRules('ip', workloads, { first: true }),
    ipsets: calicoSets('ip', podPool, workloads),
    serviceRules: ruleCount,
    serviceCount: Math.floor((ruleCount - 8) / 11),
    workloads,
  };
}

function workload(index: number): Workload {
  const name = `pod-${index}`;
  // Of three endpoints of a service one is on this node, as long as there are pods.
  const address = serviceAt(index).endpoints[0] as string;
  const namespace = index % 3 === 0 ? 'shop' : 'default';
  return {
    namespace,
    name,
    interface: interfaceName(namespace, name),
    addresses: { ip: address, ip6: `fd00::${(index + 1).toString(16)}` },
  };
}

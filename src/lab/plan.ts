import { createHash } from 'node:crypto';
import { interfaceName } from './rules/calico-names.ts';
import type { LabService, Workload } from './rules/topology.ts';

/** One pod of the lab's node. */
export interface LabPod extends Workload {
  readonly app: string;
  readonly uid: string;
}

export const nodeName = 'node-a';
export const nodeAddress = { ip: '10.0.10.11', ip6: 'fd00:10::11' } as const;
export const routerAddress = { ip: '10.0.10.1', ip6: 'fd00:10::1' } as const;
/** Calico's address pools. */
export const pools = { ip: '10.244.0.0/16', ip6: 'fd00:10:244::/48' } as const;
/** Every workload of the lab listens here. */
export const podPort = 8080;
/** The node's own server, for pod -> host. */
export const hostPort = 10250;

export function labPod(namespace: string, app: string, number: number): LabPod {
  const name = `${app}-${digest(`${namespace}/${app}`).slice(0, 9)}-${digest(`${app}${number}`).slice(0, 5)}`;
  const addresses = { ip: `10.244.1.${number}`, ip6: `fd00:10:244:1::${number.toString(16)}` };
  return { namespace, name, app, uid: uuid(`${namespace}.${name}`), interface: interfaceName(namespace, name), addresses };
}

/** Pods that run before the storm, known to the first Felix. */
export const oldPods: readonly LabPod[] = [labPod('shop', 'web', 10), labPod('shop', 'cart', 11), labPod('kube-system', 'coredns', 12)];
/** Pods that are created after Felix changed its backend. */
export const newPods: readonly LabPod[] = [labPod('shop', 'payment', 200), labPod('shop', 'search', 201)];
/** The batch update: at 1,741 threads each they pass 65,535 (all numbers divided by the scale). */
export const orderPods: readonly LabPod[] = Array.from({ length: 38 }, (_, index) => labPod('shop', 'orders', 20 + index));

const serviceApps = ['web', 'cart', 'payment', 'search'] as const;

/** Services that have an endpoint among the pods. */
export function servicesOf(pods: readonly LabPod[]): readonly LabService[] {
  return serviceApps.flatMap((app, index) => {
    const endpoints = pods.filter((pod) => pod.app === app).map((pod) => pod.addresses);
    const clusterIp = { ip: `10.96.0.${20 + index}`, ip6: `fd00:10:96::${(20 + index).toString(16)}` };
    return endpoints.length === 0
      ? []
      : [{ namespace: 'shop', name: app, portName: 'http', port: 80, targetPort: podPort, clusterIp, endpoints }];
  });
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A UUID that depends on the text only. */
export function uuid(text: string): string {
  const hex = digest(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

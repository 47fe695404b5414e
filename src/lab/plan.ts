import { createHash } from 'node:crypto';

/** One pod of the lab's node. */
export interface LabPod {
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly uid: string;
  /** Host's end of the veth: `cali` and 11 hex digits of sha1 of `namespace.name`, as Calico's CNI plugin names it. */
  readonly interface: string;
  readonly ip: string;
  readonly ip6: string;
}

export interface LabService {
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly ip: string;
  readonly ip6: string;
  readonly port: number;
}

export const nodeName = 'node-a';
export const nodeAddress = { ip: '10.0.10.11', ip6: 'fd00:10::11' } as const;
export const routerAddress = { ip: '10.0.10.1', ip6: 'fd00:10::1' } as const;
export const podNetwork = { ip: '10.244.0.0/16', ip6: 'fd00:10:244::/48' } as const;
/** Every workload of the lab listens here. */
export const podPort = 8080;
/** The node's own server for pod -> host. */
export const nodePort = 10250;

export function labPod(namespace: string, app: string, number: number): LabPod {
  const name = `${app}-${digest(`${namespace}/${app}`).slice(0, 9)}-${digest(`${app}${number}`).slice(0, 5)}`;
  return {
    namespace,
    name,
    app,
    uid: uuid(`${namespace}.${name}`),
    interface: `cali${createHash('sha1').update(`${namespace}.${name}`).digest('hex').slice(0, 11)}`,
    ip: `10.244.1.${number}`,
    ip6: `fd00:10:244:1::${number.toString(16)}`,
  };
}

/** Pods that run before the storm, and are known to the first Felix. */
export const oldPods: readonly LabPod[] = [labPod('shop', 'web', 10), labPod('shop', 'cart', 11), labPod('kube-system', 'coredns', 12)];
/** Pods that are created after Felix changed its backend. */
export const newPods: readonly LabPod[] = [labPod('shop', 'payment', 200), labPod('shop', 'search', 201)];
/** The batch update: at 1,741 threads each they pass 65,535 (all numbers divided by the scale). */
export const orderPods: readonly LabPod[] = Array.from({ length: 38 }, (_, index) => labPod('shop', 'orders', 20 + index));

export const services: readonly LabService[] = ['web', 'cart', 'payment', 'search', 'orders'].map((app, index) => ({
  namespace: 'shop',
  name: app,
  app,
  ip: `10.96.0.${20 + index}`,
  ip6: `fd00:10:96::${(20 + index).toString(16)}`,
  port: 80,
}));

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function uuid(text: string): string {
  const hex = digest(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

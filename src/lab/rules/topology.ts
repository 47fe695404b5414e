import type { Family } from '#facts/address.ts';

/** A pod of the lab with its end of the veth on the node. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  /** `cali` + 11 hex digits. */
  readonly interface: string;
  readonly addresses: Readonly<Record<Family, string>>;
}

/** A ClusterIP service with its endpoints' addresses. */
export interface LabService {
  readonly namespace: string;
  readonly name: string;
  readonly portName: string;
  readonly port: number;
  readonly targetPort: number;
  readonly clusterIp: Readonly<Record<Family, string>>;
  readonly endpoints: readonly Readonly<Record<Family, string>>[];
}

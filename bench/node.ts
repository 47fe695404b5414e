import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { close, openTun } from '../test/kernel/packet-judge/system/tun.ts';
import { type Cluster, nodeAddress, podPool } from './cluster.ts';

/** The node in this network namespace: an interface to the world and one to each pod, all of them ours to write packets into. */
export interface BenchNode {
  readonly pods: ReadonlyMap<string, number>;
  readonly uplink: number;
  close(): void;
}

export function openNode({ workloads }: Cluster): BenchNode {
  const uplink = openTun('eth0', 'tun');
  const pods = new Map(workloads.map((pod) => [pod.interface, openTun(pod.interface, 'tun')] as const));
  const lines = [
    'link set lo up',
    'link set eth0 up',
    `addr add ${nodeAddress}/24 dev eth0`,
    'route add default via 192.0.2.1 dev eth0',
    `route add ${podPool} via 192.0.2.1 dev eth0`,
    ...workloads.flatMap((pod) => [`link set ${pod.interface} up`, `route add ${pod.addresses.ip}/32 dev ${pod.interface}`]),
  ];
  execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  return { pods, uplink, close: () => [uplink, ...pods.values()].forEach(close) };
}

/** Loads the rules into both backends, the legacy ones first. */
export function loadRules(cluster: Cluster, environment: NodeJS.ProcessEnv): void {
  const pipe = (command: string, args: readonly string[], input: string): void =>
    void execFileSync(command, args, { input, env: environment, stdio: ['pipe', 'ignore', 'inherit'], maxBuffer: 1 << 30 });
  pipe('ipset', ['restore'], cluster.ipsets);
  for (const backend of ['legacy', 'nft']) {
    pipe(`iptables-${backend}-restore`, [], cluster.services);
    pipe(`iptables-${backend}-restore`, ['--noflush'], cluster.calico);
  }
}

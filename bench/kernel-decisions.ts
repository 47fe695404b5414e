import { execFileSync } from 'node:child_process';
import { inject, receive } from '../test/kernel/packet-judge/system/tun.ts';
import { decode } from '../test/kernel/packet-judge/wire/decode.ts';
import type { Connection } from './connections.ts';
import type { BenchNode } from './node.ts';

/** Packets that the kernel decides in a second: each is a connection of its own, and a write runs the whole stack before it returns. */
export function kernelDecisionsPerSecond(node: BenchNode, list: readonly Connection[]): number {
  execFileSync('conntrack', ['-F'], { stdio: 'ignore' });
  const start = performance.now();
  for (const { pod, packet } of list) inject(node.pods.get(pod) as number, packet);
  const seconds = (performance.now() - start) / 1000;
  drain(node);
  return list.length / seconds;
}

/** Where the kernel sends a packet: `interface address:port` of its new destination; null: nowhere. */
export function kernelAnswer(node: BenchNode, { pod, packet }: Connection): string | null {
  drain(node);
  inject(node.pods.get(pod) as number, packet);
  for (const [name, fd] of [['eth0', node.uplink] as const, ...node.pods]) {
    const bytes = receive(fd);
    const seen = bytes === null ? null : decode(bytes);
    if (seen !== null && seen.kind === 'packet') return `${name} ${seen.to}:${seen.toPort}`;
  }
  return null;
}

function drain({ pods, uplink }: BenchNode): void {
  for (const fd of [uplink, ...pods.values()]) while (receive(fd) !== null);
}

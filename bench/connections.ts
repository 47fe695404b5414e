import type { Probe } from '#facts/packet-walk.ts';
import { encode, mustParse } from '../test/kernel/packet-judge/wire/encode.ts';
import { type Cluster, noService } from './cluster.ts';
import { serviceAt } from './kube-proxy-rules.ts';

/** A new connection from a random pod of the node to a random service, one in ten to an address that is none: as a packet, and as a question. */
export interface Connection {
  readonly pod: string;
  readonly packet: Uint8Array;
  readonly probe: Probe;
  readonly isMiss: boolean;
}

/** The same ones for the same seed. No two share addresses and ports. */
export function connections({ workloads, serviceCount }: Cluster, count: number, seed: number): readonly Connection[] {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return Array.from({ length: count }, (_, i) => {
    const pod = workloads[below(workloads.length)] as (typeof workloads)[number];
    const isMiss = random() < 0.1;
    const from = mustParse(pod.addresses.ip);
    const to = mustParse(isMiss ? noService : serviceAt(below(serviceCount)).clusterIp);
    const fromPort = 1024 + (i % 60_000);
    const packet = encode({ from, to, protocol: 6, fromPort, toPort: 80, tcpFlags: 2, icmp: null, id: i & 0x7fff });
    const probe: Probe = {
      from,
      to,
      protocol: 6,
      fromPort,
      toPort: 80,
      inInterface: pod.interface,
      icmp: null,
      tcpFlags: null,
      state: 'NEW',
      mark: 0,
    };
    return { pod: pod.interface, packet, probe, isMiss };
  });
}

/** mulberry32: the same numbers in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

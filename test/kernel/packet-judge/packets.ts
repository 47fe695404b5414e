import type { ScenePacket } from './scene.ts';

/** The packet that cases are made from: a connection's first, through the node. */
export const base: ScenePacket = {
  origin: 'tunA',
  from: '10.1.0.5',
  to: '10.2.0.5',
  protocol: 6,
  fromPort: 20_000,
  toPort: 80,
  tcpFlags: 2,
  icmp: null,
};
export const udp = { protocol: 17, tcpFlags: 0 } as const;
export const ping = { protocol: 1, tcpFlags: 0, icmp: { type: 8, code: 0 } } as const;
export const gre = { protocol: 47, tcpFlags: 0 } as const;

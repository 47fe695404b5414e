import type { Hook } from '#facts/rule.ts';
import { type Connection, hasConnection, type Packet } from './packet.ts';

/** nat rules are looked at for a connection's first packet only, and never for what is not tracked (nf_nat_inet_fn). */
export function skipsNat({ packet, conntrackIsOff }: { readonly packet: Tracked; readonly conntrackIsOff: boolean }): boolean {
  return packet.direction === 'REPLY' || !hasConnection(packet) || packet.tracked !== 'NEW' || conntrackIsOff;
}

type Tracked = Pick<Packet, 'direction' | 'tracked'>;

/** The first nat chain that binds wins; the others are not looked at. */
export function isBound({ hook, packet }: { readonly hook: Hook; readonly packet: { readonly connection: Bound } }): boolean {
  const { connection } = packet;
  return hook === 'prerouting' || hook === 'output' ? connection.destinationBound : connection.sourceBound;
}

type Bound = Pick<Connection, 'destinationBound' | 'sourceBound'>;

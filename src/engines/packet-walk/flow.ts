import type { Address, Family } from '#facts/address.ts';

export type TrackState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** One end of a conntrack tuple. */
export interface End {
  readonly address: Address;
  readonly port: number | null;
}

/** What conntrack knows of the flow: the original tuple, the rewritten one, and the connection's mark. */
export interface Connection {
  readonly original: { readonly source: End; readonly destination: End };
  /** After DNAT and SNAT: where replies come from and go to. */
  translated: { source: End; destination: End };
  destinationBound: boolean;
  sourceBound: boolean;
  /** Null: the mark of a connection that is older than the snapshot. */
  mark: number | null;
}

/** The packet as it is at this point of its way. Interpreters change it; `copyOf` takes it aside. */
export interface PacketState {
  readonly family: Family;
  readonly leg: 'request' | 'reply';
  /** Of the flow as conntrack sees it: the reply to a packet that was not tracked is the first packet of a flow of its own. */
  readonly direction: 'ORIGINAL' | 'REPLY';
  readonly protocol: number;
  readonly icmp: { readonly type: number; readonly code: number } | null;
  readonly tcpFlags: number;
  source: End;
  destination: End;
  inInterface: string;
  outInterface: string;
  mark: number;
  tracked: TrackState;
  connection: Connection;
}

/** Conntrack has looked at the packet and found or made a connection. */
export function hasConnection({ tracked }: PacketState): boolean {
  return tracked !== 'INVALID' && tracked !== 'UNTRACKED';
}

export function copyOf(packet: PacketState): PacketState {
  return { ...packet, connection: { ...packet.connection, translated: { ...packet.connection.translated } } };
}

/** Everything that later hooks can see, to tell whether a ruleset changed anything. */
export function stateKey(packet: PacketState): string {
  const { source, destination, mark, tracked, connection } = packet;
  const end = ({ address, port }: End): string => `${address.words.join('.')}:${port}`;
  const { translated, destinationBound, sourceBound } = connection;
  return [
    end(source),
    end(destination),
    mark,
    tracked,
    connection.mark,
    end(translated.source),
    end(translated.destination),
    destinationBound,
    sourceBound,
  ].join(' ');
}

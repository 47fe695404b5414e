import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { field } from '../op.ts';
import { hostWord } from './bytes.ts';
import type { NftContext } from './context.ts';
import { deviceLoad } from './device.ts';
import { broken, type Load, notKnown } from './load.ts';

type Meta = Extract<NftExpression, { readonly kind: 'meta' }>;

/** A number that `read` finds; null: not known, undefined: the load fails. */
interface Number {
  readonly length: number;
  readonly order: 'network' | 'host';
  readonly reads?: number;
  readonly markReads?: number;
  /** Null: chance, or state that no snapshot holds. */
  readonly because: string | null;
  readonly read: (machine: Machine) => number | null | undefined;
}

const packetTypes = { host: 0, broadcast: 1, multicast: 2, otherhost: 3, loopback: null, unknown: null } as const;
const unnamed = (what: string): string => `meta ${what} is not known`;

/** nft_meta_get_eval in net/netfilter/nft_meta.c. */
export function metaLoad(expression: Meta, context: NftContext): Load {
  return deviceLoad(expression, context) ?? numberLoad(expression.to, numberOf(expression.key, context), context);
}

function numberOf(key: string, { family }: NftContext): Number {
  switch (key) {
    case 'mark':
      return { length: 4, order: 'host', markReads: 0xffffffff, because: null, read: ({ packet }) => packet.mark };
    case 'l4proto':
      return { length: 1, order: 'host', because: null, read: ({ packet }) => packet.protocol };
    case 'nfproto':
      return { length: 1, order: 'host', because: null, read: () => (family === 'ip' ? 2 : 10) };
    case 'protocol':
      return { length: 2, order: 'network', because: null, read: () => (family === 'ip' ? 0x0800 : 0x86dd) };
    case 'length':
      return { length: 4, order: 'host', reads: field.length, because: null, read: ({ packet }) => packet.length };
    case 'priority':
      return { length: 4, order: 'host', reads: field.priority, because: unnamed('priority'), read: ({ packet }) => packet.priority };
    case 'pkttype': {
      const read = ({ packet }: Machine): number | null => packetTypes[packet.packetType];
      return { length: 1, order: 'host', reads: field.packetType, because: null, read };
    }
    case 'skuid':
    case 'skgid':
    case 'cgroup':
      return { length: 4, order: 'host', because: null, read: (machine) => (mayHaveSocket(machine) ? null : undefined) };
    case 'cpu':
    case 'random':
      return { length: 4, order: 'host', because: null, read: () => null };
    case 'time':
      return { length: 8, order: 'host', because: null, read: () => null };
    case 'hour':
      return { length: 4, order: 'host', because: null, read: () => null };
    case 'day':
      return { length: 1, order: 'host', because: null, read: () => null };
    case 'sdif':
      return { length: 4, order: 'host', because: null, read: () => 0 };
    default:
      return { length: key === 'ibrname' || key === 'obrname' ? 16 : 4, order: 'host', because: unnamed(key), read: () => null };
  }
}

/**
 * What the node sends has its sender's socket; what it receives may have been given one before INPUT (early demultiplexing), though the first
 * packet of a TCP connection not.
 */
function mayHaveSocket({ packet, hook, probe }: Machine): boolean {
  if (packet.inInterface === '') return packet.fromSocket;
  return hook === 'input' && !(packet.protocol === 6 && packet.leg === 'request' && probe.state === 'NEW');
}

export function numberLoad(to: number, { length, order, reads, markReads, because, read }: Number, context: NftContext): Load {
  const { littleEndian } = context;
  return {
    to,
    length,
    reads: reads ?? field.none,
    markReads: markReads ?? 0,
    asks: false,
    load: (machine, registers) => {
      const value = read(machine);
      if (value === undefined) return false;
      if (value === null) registers.setUnknown(to, length, because);
      else registers.set(to, hostWord(value, length, littleEndian && order === 'host'));
      return true;
    },
    scalar:
      length > 4
        ? null
        : {
            length,
            order: length === 1 ? 'network' : order,
            read: (machine) => {
              const value = read(machine);
              return value === undefined ? broken : (value ?? notKnown);
            },
          },
  };
}

import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { action, type Code, field, next, type Op, stop } from '../op.ts';
import { verdictOp } from '../xt/target.ts';
import { hostWord } from './bytes.ts';
import type { NftContext } from './context.ts';

type MetaSet = Extract<NftExpression, { readonly kind: 'meta-set' }>;

const packetTypes = ['host', 'broadcast', 'multicast', 'otherhost'] as const;

/** nft_meta_set_eval in net/netfilter/nft_meta.c. */
export function metaSetOps({ key, from }: MetaSet, { littleEndian }: NftContext): readonly Op[] {
  switch (key) {
    case 'mark':
      return [setMark(from, littleEndian)];
    case 'priority':
      return [
        action(field.none, (machine) => {
          const { registers } = machine;
          machine.packet.priority = registers.isKnown(from, 4) ? hostWord(registers.words[from] as number, 4, littleEndian) : null;
          machine.wrote(field.priority);
        }),
      ];
    case 'pkttype':
      return [setPacketType(from)];
    case 'nftrace':
    case 'secmark':
      return [];
    default:
      return [verdictOp({ kind: 'undecided', because: `meta ${key} set is not modelled` })];
  }
}

function setMark(from: number, littleEndian: boolean): Op {
  const run = (machine: Machine): Code => {
    const { registers } = machine;
    if (!registers.isKnown(from, 4)) {
      machine.verdict = { kind: 'undecided', because: `the mark is set to what is not known: ${registers.reason(from, 4) ?? 'chance'}` };
      return stop;
    }
    machine.packet.mark = hostWord(registers.words[from] as number, 4, littleEndian);
    machine.wrote(field.none, 0xffffffff);
    return next;
  };
  return { run, asks: false, reads: field.none, markReads: 0, writes: true };
}

/** Only the types that a device may tell can be set, and replaced (skb_pkt_type_ok). */
function setPacketType(from: number): Op {
  return action(field.packetType, (machine) => {
    const { packet, registers } = machine;
    const type = registers.isKnown(from, 1) ? packetTypes[registers.byte(from, 0)] : 'unknown';
    if (type === undefined || packet.packetType === 'loopback') return;
    packet.packetType = type;
    machine.wrote(field.packetType);
  });
}

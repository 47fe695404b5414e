import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { type Code, field, next, type Op, stop } from '../op.ts';
import { hasConnection } from '../packet.ts';
import { attachTemplate, verdictOp, zonesOf } from '../xt/target.ts';
import { hostWord } from './bytes.ts';
import type { NftContext } from './context.ts';

type CtSet = Extract<NftExpression, { readonly kind: 'ct-set' }>;

/** nft_ct_set_eval and nft_ct_set_zone_eval in net/netfilter/nft_ct.c: without a connection nothing is set, a zone only then. */
export function ctSetOps({ key, from, direction }: CtSet, { littleEndian }: NftContext): readonly Op[] {
  switch (key) {
    case 'mark':
      return [{ run: (machine) => setMark(machine, from, littleEndian), asks: false, reads: field.tracking, markReads: 0, writes: true }];
    case 'zone':
      return [
        {
          run: (machine) => setZone(machine, from, direction, littleEndian),
          asks: false,
          reads: field.tracking,
          markReads: 0,
          writes: true,
        },
      ];
    case 'label':
    case 'secmark':
    case 'event':
      return [];
    default:
      return [verdictOp({ kind: 'undecided', because: `ct ${key} set is not modelled` })];
  }
}

function setMark(machine: Machine, from: number, littleEndian: boolean): Code {
  const { packet, registers } = machine;
  if (!hasConnection(packet)) return next;
  const mark = registers.isKnown(from, 4) ? hostWord(registers.words[from] as number, 4, littleEndian) : null;
  packet.connection = { ...packet.connection, mark };
  machine.wrote(field.connectionMark);
  return next;
}

/**
 * A zone is for packets that have no connection yet, and no template of another rule; what raw excluded from conntrack comes back to it
 * (nft_ct_set_zone_eval). Behind conntrack the template stays on the packet, where nothing expects one.
 */
function setZone(machine: Machine, from: number, direction: CtSet['direction'], littleEndian: boolean): Code {
  const { registers, packet } = machine;
  if (!registers.isKnown(from, 2)) return undecided(machine, 'ct zone set to a value that is not known');
  if (packet.isPastTracking && !hasConnection(packet))
    return undecided(machine, 'ct zone set on a packet that conntrack has looked at and given no connection');
  if (packet.tracked === 'UNTRACKED') packet.tracked = 'INVALID';
  attachTemplate(machine, zonesOf(hostWord(registers.words[from] as number, 2, littleEndian), direction));
  return next;
}

function undecided(machine: Machine, because: string): Code {
  machine.verdict = { kind: 'undecided', because };
  return stop;
}

import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { field } from '../op.ts';
import type { Packet } from '../packet.ts';
import { swap32, wordMask } from './bytes.ts';
import { networkKnown, networkLength, networkWord, transportKnown, transportWord } from './header-words.ts';
import { loadLinkHeader } from './link-header.ts';
import { broken, type Load, notKnown, type Scalar } from './load.ts';
import type { Registers } from './registers.ts';

type Payload = Extract<NftExpression, { readonly kind: 'payload' }>;
type Words = (packet: Packet, i: number) => number;

const reads = field.tuple | field.tos | field.ttl | field.length;

/** Bytes of the packet (nft_payload_eval in net/netfilter/nft_payload.c). */
export function payloadLoad(expression: Payload): Load {
  const { base, to, length } = expression;
  const common = { to, length, reads, markReads: 0, asks: false };
  switch (base) {
    case 'network':
      return { ...common, ...headerLoad(expression, networkWord, networkKnown) };
    case 'transport':
      return { ...common, ...headerLoad(expression, transportWord, transportKnown) };
    case 'link':
      return { ...common, load: (machine, registers) => loadLinkHeader(expression, machine, registers), scalar: null };
    case 'inner':
    case 'tunnel': {
      const because = `payload of the ${base} header is not modelled`;
      const load = (machine: Machine, registers: Registers): boolean => {
        if (machine.packet.fragmentOffset > 0) return false;
        registers.setUnknown(to, length, because);
        return true;
      };
      return { ...common, load, scalar: null };
    }
    default:
      return base satisfies never;
  }
}

type Bytes = Pick<Payload, 'base' | 'offset' | 'length'>;

/** Whether the bytes are in the packet, and belong to a header; a length that is not known is taken as enough. */
export function payloadIsThere(bytes: Bytes, packet: Packet): boolean {
  return !(bytes.base === 'transport' && packet.fragmentOffset > 0) && isInside(bytes, packet);
}

function isInside({ base, offset, length }: Bytes, packet: Packet): boolean {
  if (packet.length === null) return true;
  return (base === 'transport' ? networkLength(packet) : 0) + offset + length <= packet.length;
}

/**
 * What a load can reach. A later fragment has no transport header, which only the slow way minds: one, two or four bytes at a multiple of that
 * are taken from where a header would be, which is data that nobody tells (nft_payload_fast_eval in net/netfilter/nf_tables_core.c).
 */
function isLoaded(bytes: Bytes, packet: Packet): boolean {
  const { offset, length } = bytes;
  if (bytes.base !== 'transport' || packet.fragmentOffset === 0) return isInside(bytes, packet);
  return (length === 1 || length === 2 || length === 4) && offset % length === 0 && isInside(bytes, packet);
}

function headerLoad(expression: Payload, word: Words, known: Words): Pick<Load, 'load' | 'scalar'> {
  const { length, to } = expression;
  const scalar = scalarOf(expression, word, known);
  const slow = partsLoad(expression, word, known);
  if (scalar === null) return { load: slow, scalar };
  const shift = 32 - length * 8;
  const load: Load['load'] = (machine, registers) => {
    const value = scalar.read(machine);
    if (value < 0) return slow(machine, registers);
    registers.set(to, swap32(value << shift));
    return true;
  };
  return { load, scalar };
}

/** Word by word, with what is not known. */
function partsLoad(expression: Payload, word: Words, known: Words): Load['load'] {
  const { offset, length, to } = expression;
  // What stands there nobody can know before the packet is sent: both outcomes are possible.
  const because = null;
  return ({ packet }, registers) => {
    if (!isLoaded(expression, packet)) return false;
    for (let i = 0; i * 4 < length; i++) {
      const mask = wordMask(length, i);
      const value = swap32(unaligned(packet, offset + i * 4, word)) & mask;
      const have = swap32(unaligned(packet, offset + i * 4, known)) | ~mask;
      registers.setPartly(to + i, value >>> 0, have >>> 0, because);
    }
    return true;
  };
}

/** Four bytes from any offset, first byte highest. */
function unaligned(packet: Packet, offset: number, word: Words): number {
  const first = word(packet, offset >> 2);
  const shift = (offset & 3) * 8;
  if (shift === 0) return first;
  return ((first << shift) | (word(packet, (offset >> 2) + 1) >>> (32 - shift))) >>> 0;
}

/** Values inside one word of the header, which most are. */
function scalarOf(expression: Payload, word: Words, known: Words): Scalar | null {
  const { offset, length } = expression;
  const index = offset >> 2;
  if (length > 4 || length < 1 || (offset + length - 1) >> 2 !== index) return null;
  const shift = 32 - ((offset & 3) + length) * 8;
  const mask = 0xffffffff >>> (32 - length * 8);
  const read = ({ packet }: Machine): number => {
    if (!isLoaded(expression, packet)) return broken;
    if ((~(known(packet, index) >>> shift) & mask) !== 0) return notKnown;
    return ((word(packet, index) >>> shift) & mask) >>> 0;
  };
  return { length, order: 'network', read };
}

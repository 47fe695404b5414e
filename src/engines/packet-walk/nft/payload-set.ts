import { type Address, sameAddress } from '#facts/address.ts';
import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { type Code, fail, field, next, type Op, stop } from '../op.ts';
import { hasConnection, type Packet } from '../packet.ts';
import { newConnection } from '../way/reply.ts';
import { networkKnown, networkWord, ported, transportKnown, transportWord } from './header-words.ts';
import { payloadIsThere } from './payload.ts';
import { isTold } from './told.ts';

type PayloadSet = Extract<NftExpression, { readonly kind: 'payload-set' }>;

/**
 * Bytes of the packet are overwritten (nft_payload_set_eval in net/netfilter/nft_payload.c; it mends checksums). Type of service, time to live,
 * addresses and ports become what is written; what a probe does not tell stays unknown.
 */
export function payloadSetOp(expression: PayloadSet): Op {
  const run = (machine: Machine): Code => {
    if (!payloadIsThere(expression, machine.packet)) return fail;
    if (!hasChecksum(expression, machine.packet) && !isTold(machine, 'payload set without a checksum to mend', 'checksum')) return fail;
    const because = write(expression, machine);
    if (because === null) return next;
    machine.verdict = { kind: 'undecided', because };
    return stop;
  };
  return { run, asks: true, reads: field.tuple | field.tracking, markReads: 0, writes: true };
}

/** Where the checksum of the transport header stands. */
const checksums: ReadonlyMap<number, number> = new Map([
  [6, 16],
  [17, 6],
  [58, 2],
]);

/** A checksum that is to be mended and is not there makes the rule fail; whether it is to be mended is not told. */
function hasChecksum({ base }: PayloadSet, packet: Packet): boolean {
  const offset = checksums.get(packet.protocol);
  if (offset === undefined || packet.fragmentOffset > 0 || base === 'link') return true;
  return payloadIsThere({ base: 'transport', offset, length: 2 }, packet);
}

/** Null, or why the outcome is not known. */
function write(expression: PayloadSet, machine: Machine): string | null {
  const { base, offset, length } = expression;
  if (base !== 'network' && base !== 'transport') return base === 'link' ? null : `payload of the ${base} header is set: not modelled`;
  for (let i = 0; i < length; ) {
    const index = (offset + i) >> 2;
    const first = (offset + i) & 3;
    const count = Math.min(4 - first, length - i);
    const because = writeWord(expression, { index, first, count, from: i }, machine);
    if (because !== null) return because;
    i += count;
  }
  return null;
}

interface Part {
  /** Word of the header, first byte in it, bytes, and first byte of the value. */
  readonly index: number;
  readonly first: number;
  readonly count: number;
  readonly from: number;
}

function writeWord({ base, from: register }: PayloadSet, { index, first, count, from }: Part, machine: Machine): string | null {
  const { packet, registers } = machine;
  const [word, known] = base === 'network' ? [networkWord, networkKnown] : [transportWord, transportKnown];
  let value = word(packet, index);
  const own = known(packet, index);
  let sure = own;
  for (let i = 0; i < count; i++) {
    const shift = 24 - (first + i) * 8;
    value = (value & ~(0xff << shift)) | (registers.byte(register, from + i) << shift);
    sure = (sure & ~(0xff << shift)) | (registers.knownByte(register, from + i) << shift);
  }
  if (base === 'transport' && index === 0 && hasOpenPort(packet)) return 'payload of a port that is not known is set';
  // What was not known stays so: whoever looks at it asks, whatever was written.
  if ((own & ~sure) !== 0) return 'payload is set to what is not known';
  return ((value ^ word(packet, index)) & own) === 0 ? null : change(base, index, value >>> 0, machine);
}

/** A port that the kernel drew: what is written over it makes it another connection's, or none's. */
function hasOpenPort({ protocol, source, destination }: Packet): boolean {
  return ported.has(protocol) && (source.port === null || destination.port === null);
}

function change(base: string, index: number, value: number, machine: Machine): string | null {
  const { packet } = machine;
  if (base === 'transport') return index === 0 && packet.icmp === null ? changePorts(value, machine) : unmodelled;
  if (packet.family === 'ip') {
    if (index === 0) return changeTos((value >>> 16) & 0xff, value >>> 24 === 0x45, machine);
    if (index === 2) return changeTtl(value >>> 24, ((value >>> 16) & 0xff) === packet.protocol, machine);
    if (index === 3 || index === 4) return changeAddress(index === 3, 0, value, machine);
    return unmodelled;
  }
  if (index === 0) return changeTos((value >>> 20) & 0xff, value >>> 28 === 6, machine);
  if (index === 1) return changeTtl(value & 0xff, ((value ^ networkWord(packet, 1)) & networkKnown(packet, 1) & ~0xff) === 0, machine);
  return index < 10 ? changeAddress(index < 6, (index - 2) & 3, value, machine) : unmodelled;
}

const unmodelled = 'payload is set that no rule but this one writes: not modelled';

function changeTos(tos: number, restIsSame: boolean, machine: Machine): string | null {
  if (!restIsSame) return unmodelled;
  machine.packet.tos = tos;
  machine.wrote(field.tos);
  return null;
}

function changeTtl(ttl: number, restIsSame: boolean, machine: Machine): string | null {
  if (!restIsSame) return unmodelled;
  machine.packet.ttl = ttl;
  machine.wrote(field.ttl);
  return null;
}

function changeAddress(source: boolean, i: number, word: number, machine: Machine): string | null {
  const { packet } = machine;
  const end = source ? packet.source : packet.destination;
  const address: Address = { family: packet.family, words: end.address.words.with(i, word) };
  if (sameAddress(address, end.address)) return null;
  return rewrite(source ? { source: { ...end, address } } : { destination: { ...end, address } }, machine);
}

function changePorts(value: number, machine: Machine): string | null {
  const { source, destination } = machine.packet;
  return rewrite({ source: { ...source, port: value >>> 16 }, destination: { ...destination, port: value & 0xffff } }, machine);
}

/** A connection does not learn of it: its replies would not be found. Before conntrack looks, the packet is just another one. */
function rewrite(change: Partial<Pick<Packet, 'source' | 'destination'>>, machine: Machine): string | null {
  const { packet } = machine;
  if (hasConnection(packet) || packet.direction === 'REPLY') return 'addresses or ports of a connection are rewritten without conntrack';
  Object.assign(packet, change);
  packet.connection = newConnection(packet.source, packet.destination, packet.connection.mark);
  machine.wrote(field.tuple);
  return null;
}

import koffi from 'koffi';
import { libc } from './libc.ts';

const receiveMany = libc.func('int recvmmsg(int fd, void *messages, uint32_t count, int flags, void *timeout)');

/** MSG_DONTWAIT and MSG_TRUNC: never waits, and tells the length that a datagram had. */
const flags = 0x40 | 0x20;
const slots = 16;
/** More than any datagram of a dump, which is of at most 32 KiB (netlink_recvmsg, net/netlink/af_netlink.c). */
const slotBytes = 64 * 1024;
/** struct mmsghdr and struct iovec of 64-bit Linux. */
const messageBytes = 64;
const vectorBytes = 16;

/** One piece of memory, so that whatever the kernel's structures point to lives as long as they do. */
const vectorsAt = slots * messageBytes;
const datagramsAt = vectorsAt + slots * vectorBytes;
const memory = Buffer.alloc(datagramsAt + slots * slotBytes);
const base = BigInt(koffi.address(memory));
for (let slot = 0; slot < slots; slot++) {
  const vector = vectorsAt + slot * vectorBytes;
  memory.writeBigUInt64LE(base + BigInt(datagramsAt + slot * slotBytes), vector);
  memory.writeBigUInt64LE(BigInt(slotBytes), vector + 8);
  memory.writeBigUInt64LE(base + BigInt(vector), slot * messageBytes + 16);
  memory.writeBigUInt64LE(1n, slot * messageBytes + 24);
}

/** A datagram in `bytes`, from `start` on; `length` is what it had, and `end - start` what there was room for. */
export type VisitDatagram = (bytes: Buffer, at: { readonly start: number; readonly end: number; readonly length: number }) => void;

/** What waits at a socket, at most 16 datagrams with one call. The bytes are only good until the next one. */
export function receiveDatagrams(fd: number, visit: VisitDatagram): number {
  const count: number = receiveMany(fd, memory, slots, flags, null);
  for (let slot = 0; slot < count; slot++) {
    const length = memory.readUInt32LE(slot * messageBytes + 56);
    const start = datagramsAt + slot * slotBytes;
    visit(memory, { start, end: start + Math.min(length, slotBytes), length });
  }
  return count;
}

import koffi from 'koffi';
import { checked, libc } from './calls.ts';

const socketCall = libc.func('int socket(int domain, int type, int protocol)');
const bindCall = libc.func('int bind(int fd, const uint8_t *address, uint32_t length)');
const listenCall = libc.func('int listen(int fd, int backlog)');
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)');
const sendto = libc.func(
  'long sendto(int fd, const uint8_t *buffer, size_t length, int flags, const uint8_t *address, uint32_t addressLength)',
);
const recvmsg = libc.func('long recvmsg(int fd, void *message, int flags)');
const poll = libc.func('int poll(_Inout_ uint8_t *descriptors, unsigned long count, int timeout)');

export type Version = 'ip' | 'ip6';
const family = { ip: 2, ip6: 10 } as const;
const socketType = { stream: 1, datagram: 2, raw: 3, nonBlocking: 0x800, closeOnExec: 0x80000 } as const;
const headerIncluded = { ip: { level: 0, name: 3 }, ip6: { level: 41, name: 36 } } as const;
const receivePacketInfo = { level: 41, name: 49 } as const;
const mark = { level: 1, name: 36 } as const;
const freeBind = { ip: { level: 0, name: 15 }, ip6: { level: 41, name: 78 } } as const;

const option = (fd: number, { level, name }: { readonly level: number; readonly name: number }, value: number): number =>
  setsockopt(fd, level, name, Uint8Array.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24), 4);

/** Sees every packet of the protocol that the node itself accepts, after INPUT (raw_local_deliver in net/ipv4/raw.c). */
export function openReceiver(version: Version, protocol: number): number {
  const fd = checked(socketCall(family[version], socketType.raw | socketType.nonBlocking | socketType.closeOnExec, protocol), 'raw socket');
  if (version === 'ip6') checked(option(fd, receivePacketInfo, 1), 'IPV6_RECVPKTINFO');
  return fd;
}

/** Sends whole IP packets as the node's own. */
export function openSender(version: Version): number {
  const fd = checked(socketCall(family[version], socketType.raw | socketType.closeOnExec, 255), 'raw socket');
  checked(option(fd, headerIncluded[version], 1), 'IP_HDRINCL');
  checked(option(fd, freeBind[version], 1), 'IP_FREEBIND');
  return fd;
}

export interface Sending {
  readonly packet: Uint8Array;
  readonly version: Version;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly mark: number;
}

/**
 * Bound to the packet's source first, since the route is chosen by what the socket is bound to, not by the header (raw_sendmsg in
 * net/ipv4/raw.c). A packet that the rules refuse is an error of sendto; who watches the receivers sees the difference.
 */
export function send(fd: number, { packet, version, source, destination, mark: value }: Sending): void {
  option(fd, mark, value);
  const own = sockaddr(version, source);
  bindCall(fd, own, own.length);
  const address = sockaddr(version, destination);
  sendto(fd, packet, packet.length, 0x40, address, address.length);
}

function sockaddr(version: Version, destination: Uint8Array): Uint8Array {
  const address = new Uint8Array(version === 'ip' ? 16 : 28);
  new DataView(address.buffer).setUint16(0, family[version], true);
  address.set(destination, version === 'ip' ? 4 : 8);
  return address;
}

/** A server on a port, both families, so that the node answers as a node with that service does. */
export function openServer(kind: 'stream' | 'datagram', port: number): number {
  const fd = checked(socketCall(family.ip6, socketType[kind] | socketType.closeOnExec, 0), 'socket');
  const address = new Uint8Array(28);
  const view = new DataView(address.buffer);
  view.setUint16(0, family.ip6, true);
  view.setUint16(2, port, false);
  checked(bindCall(fd, address, address.length), `bind ${port}`);
  if (kind === 'stream') checked(listenCall(fd, 4096), 'listen');
  return fd;
}

/** struct msghdr with one buffer, room for a sender's address and for IPV6_PKTINFO. */
const room = { name: 28, data: 65_536, control: 256 } as const;
const memory = {
  message: koffi.alloc('uint8_t', 56),
  vector: koffi.alloc('uint8_t', 16),
  name: koffi.alloc('uint8_t', room.name),
  data: koffi.alloc('uint8_t', room.data),
  control: koffi.alloc('uint8_t', room.control),
};
const message = new DataView(koffi.view(memory.message, 56));
const name = new Uint8Array(koffi.view(memory.name, room.name));
const data = new Uint8Array(koffi.view(memory.data, room.data));
const control = new Uint8Array(koffi.view(memory.control, room.control));
const vector = new DataView(koffi.view(memory.vector, 16));
vector.setBigUint64(0, koffi.address(memory.data), true);
vector.setBigUint64(8, BigInt(room.data), true);

export interface Received6 {
  readonly body: Uint8Array;
  readonly from: Uint8Array;
  /** Null where the kernel did not tell. */
  readonly to: Uint8Array | null;
}

/** The next packet of a raw IPv6 socket, which has no header of its own: the addresses come beside it. */
export function receive6(fd: number): Received6 | null {
  message.setBigUint64(0, koffi.address(memory.name), true);
  message.setUint32(8, room.name, true);
  message.setBigUint64(16, koffi.address(memory.vector), true);
  message.setBigUint64(24, 1n, true);
  message.setBigUint64(32, koffi.address(memory.control), true);
  message.setBigUint64(40, BigInt(room.control), true);
  const length = Number(recvmsg(fd, memory.message, 0));
  if (length < 0) return null;
  const hasInfo = Number(message.getBigUint64(40, true)) >= 36;
  return { body: data.slice(0, length), from: name.slice(8, 24), to: hasInfo ? control.slice(16, 32) : null };
}

/** Which of the descriptors can be read, found by one call. */
export class Readiness {
  readonly #fds: readonly number[];
  readonly #request: Uint8Array;
  readonly #view: DataView;

  constructor(fds: readonly number[]) {
    this.#fds = fds;
    this.#request = new Uint8Array(fds.length * 8);
    this.#view = new DataView(this.#request.buffer);
    for (const [i, fd] of fds.entries()) {
      this.#view.setInt32(i * 8, fd, true);
      this.#view.setInt16(i * 8 + 4, 1, true);
    }
  }

  ready(): readonly number[] {
    if (poll(this.#request, this.#fds.length, 0) <= 0) return [];
    return this.#fds.filter((_, i) => (this.#view.getInt16(i * 8 + 6, true) & 1) !== 0);
  }
}

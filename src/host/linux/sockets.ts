import { closeSync } from 'node:fs';
import koffi from 'koffi';
import type { Address } from '#facts/address.ts';
import { checked, lastError, libc } from './libc.ts';

const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, const uint8_t *address, uint32_t length)');
const connect = libc.func('int connect(int fd, const uint8_t *address, uint32_t length)');
const listen = libc.func('int listen(int fd, int backlog)');
const send = libc.func('long send(int fd, const uint8_t *bytes, size_t length, int flags)');
const receive = libc.func('long recv(int fd, _Out_ uint8_t *bytes, size_t length, int flags)');
const receiveFrom = libc.func(
  'long recvfrom(int fd, _Out_ uint8_t *bytes, size_t length, int flags, _Out_ uint8_t *from, _Inout_ uint32_t *fromLength)',
);
const getOption = libc.func('int getsockopt(int fd, int level, int name, _Out_ int *value, _Inout_ uint32_t *length)');
const setOption = libc.func('int setsockopt(int fd, int level, int name, const int *value, uint32_t length)');
const peerName = libc.func('int getpeername(int fd, _Out_ uint8_t *address, _Inout_ uint32_t *length)');

const domain = { ip: 2, ip6: 10, packet: 17 } as const;
const kind = { stream: 1, raw: 3, nonBlocking: 0o4000, closeOnExec: 0o2000000 } as const;
const inProgress = 115;

/** A socket of the namespace in which it was opened. Never blocks. */
export type Socket = number & { readonly socket?: never };

export function closeSocket(fd: Socket): void {
  closeSync(fd);
}

/** Starts a TCP connection from `fromPort`; ask tcpState for how it goes. */
export function openTcp(to: Address, toPort: number, fromPort: number): Socket {
  const fd = streamSocket(to);
  const any = { family: to.family, words: to.words.map(() => 0) };
  checked(bind(fd, ...sockaddr(any, fromPort)), `bind port ${fromPort}`);
  if (connect(fd, ...sockaddr(to, toPort)) < 0 && koffi.errno() !== inProgress) {
    const error = lastError(`connect to port ${toPort}`);
    closeSync(fd);
    throw error;
  }
  return fd;
}

/** Connected; refused or unreachable by an answer that came; or no answer so far. */
export function tcpState(fd: Socket): 'connected' | 'rejected' | 'waiting' {
  const error = [0];
  checked(getOption(fd, 1, 4, error, [4]), 'getsockopt SO_ERROR');
  if (error[0] !== 0) return 'rejected';
  return peerName(fd, new Uint8Array(28), [28]) === 0 ? 'connected' : 'waiting';
}

/** Listens on all addresses of the family. The kernel completes handshakes up to the backlog; nothing accepts them. */
export function listenTcp(family: 'ip' | 'ip6', port: number): Socket {
  const any = { family, words: family === 'ip' ? [0] : [0, 0, 0, 0] };
  const fd = streamSocket(any);
  checked(bind(fd, ...sockaddr(any, port)), `bind port ${port}`);
  checked(listen(fd, 4096), 'listen');
  return fd;
}

function streamSocket(address: Address): number {
  const fd = checked(socket(domain[address.family], kind.stream | kind.nonBlocking | kind.closeOnExec, 0), 'socket');
  checked(setOption(fd, 1, 2, [1], 4), 'SO_REUSEADDR');
  if (address.family === 'ip6') checked(setOption(fd, 41, 26, [1], 4), 'IPV6_V6ONLY');
  return fd;
}

/** Sends one echo request. `id` tells its answer from others'. */
export function openPing(to: Address, id: number): Socket {
  const protocol = to.family === 'ip' ? 1 : 58;
  const fd = checked(socket(domain[to.family], kind.raw | kind.nonBlocking | kind.closeOnExec, protocol), 'raw socket');
  checked(connect(fd, ...sockaddr(to, 0)), 'connect');
  const bytes = Buffer.alloc(64);
  bytes[0] = to.family === 'ip' ? 8 : 128;
  bytes.writeUInt16BE(id, 4);
  bytes.writeUInt16BE(1, 6);
  if (to.family === 'ip') bytes.writeUInt16BE(internetChecksum(bytes), 2);
  send(fd, bytes, bytes.length, 0);
  return fd;
}

/** True once the answer to `id` came. */
export function pingAnswered(fd: Socket, family: 'ip' | 'ip6', id: number): boolean {
  const bytes = Buffer.alloc(256);
  for (;;) {
    const length: number = receive(fd, bytes, bytes.length, 0);
    if (length < 8) return false;
    const start = family === 'ip' ? ((bytes[0] as number) & 15) * 4 : 0;
    if (bytes[start] === (family === 'ip' ? 0 : 129) && bytes.readUInt16BE(start + 4) === id) return true;
  }
}

/** What AF_PACKET shows of one packet, as tcpdump would see it. */
export interface SeenPacket {
  readonly outgoing: boolean;
  /** From the network header on, at most 256 bytes. */
  readonly bytes: Buffer;
}

/** Sees every packet of the interface, both directions. */
export function openPacketCapture(interfaceIndex: number): Socket {
  const everything = 0x0300;
  const fd = checked(socket(domain.packet, 2 | kind.nonBlocking | kind.closeOnExec, everything), 'packet socket');
  const address = Buffer.alloc(20);
  address.writeUInt16LE(domain.packet, 0);
  address.writeUInt16LE(everything, 2);
  address.writeInt32LE(interfaceIndex, 4);
  checked(bind(fd, address, address.length), 'bind packet socket');
  return fd;
}

/** All packets since the last call. */
export function seenPackets(fd: Socket): readonly SeenPacket[] {
  const seen: SeenPacket[] = [];
  for (;;) {
    const bytes = Buffer.alloc(256);
    const from = Buffer.alloc(20);
    const length: number = receiveFrom(fd, bytes, bytes.length, 0, from, [20]);
    if (length < 0) return seen;
    seen.push({ outgoing: from[10] === 4, bytes: bytes.subarray(0, length) });
  }
}

function sockaddr(address: Address, port: number): [Buffer, number] {
  const bytes = Buffer.alloc(address.family === 'ip' ? 16 : 28);
  bytes.writeUInt16LE(domain[address.family], 0);
  bytes.writeUInt16BE(port, 2);
  const start = address.family === 'ip' ? 4 : 8;
  for (const [index, word] of address.words.entries()) bytes.writeUInt32BE(word, start + index * 4);
  return [bytes, bytes.length];
}

/** RFC 1071. */
function internetChecksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

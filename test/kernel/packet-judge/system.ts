import { closeSync, constants, openSync } from 'node:fs';
import koffi from 'koffi';

/** The few system calls that Node lacks. `unshare` moves the calling thread, and with it every child that it starts. */
const libc = koffi.load('libc.so.6');
const unshareCall = libc.func('int unshare(int flags)');
const ioctl = libc.func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)');
const readCall = libc.func('long read(int fd, _Out_ uint8_t *buffer, size_t length)');
const writeCall = libc.func('long write(int fd, uint8_t *buffer, size_t length)');
const socketCall = libc.func('int socket(int domain, int type, int protocol)');
const bindCall = libc.func('int bind(int fd, uint8_t *address, uint32_t length)');
const listenCall = libc.func('int listen(int fd, int backlog)');
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, uint8_t *value, uint32_t length)');
const sendto = libc.func('long sendto(int fd, uint8_t *buffer, size_t length, int flags, uint8_t *address, uint32_t addressLength)');

const newNetworkNamespace = 0x40000000;
const setTunInterface = 0x400454ca;
const tunWithoutHeader = 0x1001;
const family = { ip: 2, ip6: 10 } as const;
const socketType = { stream: 1, datagram: 2, raw: 3, nonBlocking: 0x800, closeOnExec: 0x80000 } as const;
const headerIncluded = { ip: { level: 0, name: 3 }, ip6: { level: 41, name: 36 } } as const;

function checked(result: number, what: string): number {
  if (result < 0) throw new Error(`${what}: errno ${koffi.errno()}`);
  return result;
}

export function enterNewNetworkNamespace(): void {
  checked(unshareCall(newNetworkNamespace), 'unshare');
}

/** A TUN interface of this namespace; it lasts as long as the descriptor. */
export function openTun(name: string): number {
  const fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  const request = new Uint8Array(40);
  new TextEncoder().encodeInto(name, request);
  new DataView(request.buffer).setUint16(16, tunWithoutHeader, true);
  checked(ioctl(fd, setTunInterface, request), `TUNSETIFF ${name}`);
  return fd;
}

const buffer = new Uint8Array(4096);

/** The next packet of a non-blocking descriptor, or null. */
export function receive(fd: number): Uint8Array | null {
  const length = Number(readCall(fd, buffer, buffer.length));
  return length <= 0 ? null : buffer.slice(0, length);
}

export function inject(fd: number, packet: Uint8Array): void {
  writeCall(fd, packet, packet.length);
}

/** Sees every packet of the protocol that the node itself accepts, after INPUT (raw_local_deliver in net/ipv4/raw.c). */
export function openReceiver(version: 'ip' | 'ip6', protocol: number): number {
  return checked(socketCall(family[version], socketType.raw | socketType.nonBlocking | socketType.closeOnExec, protocol), 'raw socket');
}

/** Sends whole IP packets as the node's own. */
export function openSender(version: 'ip' | 'ip6'): number {
  const fd = checked(socketCall(family[version], socketType.raw | socketType.closeOnExec, 255), 'raw socket');
  const { level, name } = headerIncluded[version];
  checked(setsockopt(fd, level, name, Uint8Array.of(1, 0, 0, 0), 4), 'IP_HDRINCL');
  return fd;
}

/** A packet that the rules refuse is an error of sendto; who watches the receivers sees the difference. */
export function send(fd: number, packet: Uint8Array, version: 'ip' | 'ip6', destination: Uint8Array): void {
  const address = new Uint8Array(version === 'ip' ? 16 : 28);
  new DataView(address.buffer).setUint16(0, family[version], true);
  address.set(destination, version === 'ip' ? 4 : 8);
  sendto(fd, packet, packet.length, 0x40, address, address.length);
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

export const close = closeSync;

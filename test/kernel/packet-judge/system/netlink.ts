import { checked, libc } from './calls.ts';

const socketCall = libc.func('int socket(int domain, int type, int protocol)');
const bindCall = libc.func('int bind(int fd, const uint8_t *address, uint32_t length)');
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)');
const sendCall = libc.func('long send(int fd, const uint8_t *bytes, size_t length, int flags)');
const recvCall = libc.func('long recv(int fd, _Out_ uint8_t *bytes, size_t length, int flags)');

/** NETLINK_NETFILTER in a raw, non-blocking socket, member of the multicast groups of the mask. */
export function openNetfilterSocket(groups: number): number {
  const fd = checked(socketCall(16, 3 | 0x800 | 0x80000, 12), 'netlink socket');
  const address = new Uint8Array(12);
  const view = new DataView(address.buffer);
  view.setUint16(0, 16, true);
  view.setUint32(8, groups, true);
  checked(bindCall(fd, address, address.length), 'bind netlink socket');
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, 8 << 20, true);
  setsockopt(fd, 1, 33, bytes, 4);
  return fd;
}

/** A request of nfnetlink: type, family, resource and attributes as bytes. */
export function request(fd: number, type: number, resource: number, attributes: readonly (readonly [number, Uint8Array])[]): void {
  const padded = attributes.map(([, value]) => 4 + ((value.length + 3) & ~3));
  const bytes = new Uint8Array(20 + padded.reduce((sum, each) => sum + each, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, 1, true);
  view.setUint16(18, resource, false);
  let at = 20;
  for (const [i, [kind, value]] of attributes.entries()) {
    view.setUint16(at, 4 + value.length, true);
    view.setUint16(at + 2, kind, true);
    bytes.set(value, at + 4);
    at += padded[i] as number;
  }
  checked(Number(sendCall(fd, bytes, bytes.length, 0)), 'netlink request');
}

const buffer = new Uint8Array(1 << 18);

/** All messages that wait, one behind the other. */
export function pending(fd: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (;;) {
    const length = Number(recvCall(fd, buffer, buffer.length, 0));
    if (length > 0) parts.push(buffer.slice(0, length));
    else break;
  }
  return Buffer.concat(parts);
}

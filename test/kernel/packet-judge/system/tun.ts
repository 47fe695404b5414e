import { closeSync, constants, openSync } from 'node:fs';
import { checked, libc } from './calls.ts';

const ioctl = libc.func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)');
const readCall = libc.func('long read(int fd, _Out_ uint8_t *buffer, size_t length)');
const writeCall = libc.func('long write(int fd, const uint8_t *buffer, size_t length)');

const setInterface = 0x400454ca;
/** IFF_NO_PI with IFF_TUN or IFF_TAP (linux/if_tun.h). */
const flags = { tun: 0x1001, tap: 0x1002 } as const;

/** An interface of this namespace whose other end is the descriptor; it lasts as long as that. */
export function openTun(name: string, kind: 'tun' | 'tap'): number {
  const fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  const request = new Uint8Array(40);
  new TextEncoder().encodeInto(name, request);
  new DataView(request.buffer).setUint16(16, flags[kind], true);
  checked(ioctl(fd, setInterface, request), `TUNSETIFF ${name}`);
  return fd;
}

const buffer = new Uint8Array(65_536);

/** The next packet of a non-blocking descriptor, or null. */
export function receive(fd: number): Uint8Array | null {
  const length = Number(readCall(fd, buffer, buffer.length));
  return length <= 0 ? null : buffer.slice(0, length);
}

/** The kernel runs its whole stack before the write returns: what the packet leads to can be read at once. */
export function inject(fd: number, packet: Uint8Array): void {
  writeCall(fd, packet, packet.length);
}

export const close = closeSync;

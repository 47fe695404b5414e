import { readFileSync } from 'node:fs';

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Waits until each IPv6 address has its local route: the kernel adds it by a work queue of its own (addrconf_dad_work in net/ipv6/addrconf.c), which
 * a busy machine runs late, so that what is read now would not be what packets meet.
 */
export function waitUntilSettled(): void {
  for (let i = 0; i < 2000; i++) {
    const addresses = readFileSync('/proc/net/if_inet6', 'utf8').trim().split('\n');
    const routes = readFileSync('/proc/net/ipv6_route', 'utf8');
    if (addresses.every((line) => routes.includes(`${line.slice(0, 32)} 80 `))) return;
    Atomics.wait(sleeper, 0, 0, 1);
  }
  throw new Error('an IPv6 address has no local route');
}

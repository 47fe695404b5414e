import { closeSync, openSync } from 'node:fs';
import { checked, libc } from './libc.ts';

const setns = libc.func('int setns(int fd, int type)');
const cloneNewNet = 0x40000000;

/**
 * Runs `action` with this thread inside the network namespace that `path` holds (`/run/netns/NAME`), then goes back. Sockets
 * that it opens and programs that it starts belong to that namespace. Synchronous only: other threads of this process stay outside.
 */
export function inNetworkNamespace<T>(path: string, action: () => T): T {
  const home = openSync('/proc/thread-self/ns/net', 'r');
  const other = openSync(path, 'r');
  try {
    checked(setns(other, cloneNewNet), `setns ${path}`);
    return action();
  } finally {
    checked(setns(home, cloneNewNet), 'setns back');
    closeSync(other);
    closeSync(home);
  }
}

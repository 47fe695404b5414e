import { closeSync } from 'node:fs';
import { libc } from './libc.ts';

const socket = libc.func('int socket(int domain, int type, int protocol)');
const getOption = libc.func('int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)');

const inet = 2;
const datagramCloseOnExec = 2 | 0o2000000;
/** SO_IP_SET, IP_SET_OP_GET_BYNAME, and struct ip_set_req_get_set (include/uapi/linux/netfilter/ipset/ip_set.h). */
const option = 83;
const byName = 6;
const requestLength = 40;
const nameLength = 32;
const none = 0xffff;

/**
 * The number by which rules of x_tables name a set, asked as iptables asks it. It stays with the name: `ipset swap` exchanges what two
 * numbers hold together with their names, and a set that a rule names cannot be renamed or destroyed (ip_set_core.c).
 */
export function ipsetIndices(names: readonly string[], protocol: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const fd: number = socket(inet, datagramCloseOnExec, 0);
  if (fd < 0) return found;
  try {
    for (const name of names) {
      const request = Buffer.alloc(requestLength);
      request.writeUInt32LE(byName, 0);
      request.writeUInt32LE(protocol, 4);
      request.write(name, 8, nameLength - 1, 'utf8');
      if (getOption(fd, 0, option, request, [requestLength]) !== 0) continue;
      const index = request.readUInt16LE(8);
      if (index !== none) found.set(name, index);
    }
  } finally {
    closeSync(fd);
  }
  return found;
}

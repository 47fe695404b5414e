import { closeSync } from 'node:fs';
import koffi from 'koffi';
import type { Family } from '#facts/address.ts';
import { readWhole } from '../read-file.ts';
import { ByteList } from './byte-list.ts';
import { errnoName } from './errno.ts';
import { type KernelFile, untilConsistent } from './kernel-file.ts';
import { libc } from './libc.ts';
import type { NoDump } from './netlink.ts';

const socket = libc.func('int socket(int domain, int type, int protocol)');
const getOption = libc.func('int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)');

const datagramCloseOnExec = 2 | 0o2000000;
/** IPT_SO_GET_INFO and IPT_SO_GET_ENTRIES; IPv6 has the same numbers at its own level (include/uapi/linux/netfilter_ipv4/ip_tables.h). */
const option = { info: 64, entries: 65 } as const;
const of = {
  ip: { domain: 2, level: 0, names: 'ip_tables_names' },
  ip6: { domain: 10, level: 41, names: 'ip6_tables_names' },
} as const;
/** struct ipt_getinfo; its last word is the size of all entries. struct ipt_get_entries without them, padded to eight. */
const infoLength = 84;
const entriesHead = 40;
const nameLength = 32;

/**
 * The tables of x_tables: of each struct ipt_getinfo and struct ipt_get_entries, framed like netlink messages of type 1 and 2. Only tables that
 * the kernel lists are asked for, since asking for another creates it. An absent or empty list proves that there are none.
 */
export function readLegacyTables(family: Family, root: string): KernelFile {
  // Not /proc/net: that is the namespace of the main thread, and sockets are of this one.
  const path = `/proc/thread-self/net/${of[family].names}`;
  const listed = readWhole(`${root}${path}`, 65_536);
  if (!listed.ok && !listed.because.startsWith('ENOENT')) return { kind: 'missing', because: `${path}: ${listed.because}` };
  const names = listed.ok
    ? Buffer.from(listed.content)
        .toString('latin1')
        .split('\n')
        .filter((name) => name !== '')
    : [];
  if (names.length === 0) return { kind: 'none', because: `/proc/net/${of[family].names} is ${listed.ok ? 'empty' : 'absent'}` };
  const fd: number = socket(of[family].domain, datagramCloseOnExec, 0);
  if (fd < 0) return { kind: 'missing', because: `${errnoName(koffi.errno())} (socket)` };
  try {
    return untilConsistent(() => readTables(fd, of[family].level, names));
  } finally {
    closeSync(fd);
  }
}

function readTables(fd: number, level: number, names: readonly string[]): Uint8Array | NoDump {
  const all = new ByteList();
  for (const name of names) {
    const info = ask(fd, { level, name: option.info, table: name, length: infoLength });
    if (!(info instanceof Uint8Array)) return info;
    const entries = ask(fd, { level, name: option.entries, table: name, length: entriesHead + sizeIn(info) });
    if (!(entries instanceof Uint8Array)) return entries;
    // The entries are of one moment; that the hooks' offsets in them are of the same one, only asking again tells.
    const again = ask(fd, { level, name: option.info, table: name, length: infoLength });
    if (!(again instanceof Uint8Array)) return again;
    if (!Buffer.from(info.buffer, info.byteOffset, info.length).equals(again)) return changed;
    all.append(framed(1, info));
    all.append(framed(2, entries));
  }
  return all.join();
}

function sizeIn(info: Uint8Array): number {
  return new DataView(info.buffer, info.byteOffset).getUint32(infoLength - 4, true);
}

const changed: NoDump = { ok: false, reason: 'interrupted', errno: 'EAGAIN', because: 'the table was replaced while it was read' };

interface Question {
  readonly level: number;
  readonly name: number;
  readonly table: string;
  readonly length: number;
}

/** EAGAIN: the table is no longer of the size that was asked for (get_entries, net/ipv4/netfilter/ip_tables.c). */
function ask(fd: number, { level, name, table, length }: Question): Uint8Array | NoDump {
  const value = Buffer.alloc(length);
  value.write(table, 0, nameLength - 1, 'latin1');
  if (name === option.entries) value.writeUInt32LE(length - entriesHead, nameLength);
  if (getOption(fd, level, name, value, [length]) === 0) return value;
  const errno = errnoName(koffi.errno());
  return errno === 'EAGAIN' ? changed : { ok: false, reason: 'refused', errno, because: `${errno} (table ${table})` };
}

function framed(type: number, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(16 + content.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.set(content, 16);
  return bytes;
}

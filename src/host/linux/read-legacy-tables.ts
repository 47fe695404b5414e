import { closeSync } from 'node:fs';
import koffi from 'koffi';
import type { Family } from '#facts/address.ts';
import { readWhole } from '../read-file.ts';
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
const frameLength = 16;

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

/** The sizes come first, so that the kernel writes all tables into one buffer. */
function readTables(fd: number, level: number, names: readonly string[]): Uint8Array | NoDump {
  const infos: Buffer[] = [];
  for (const table of names) {
    const info = Buffer.alloc(infoLength);
    const refused = ask(fd, { level, name: option.info, table }, info);
    if (refused !== null) return refused;
    infos.push(info);
  }
  const framedLength = (info: Buffer): number => frameLength + infoLength + frameLength + entriesHead + sizeIn(info);
  const all = Buffer.alloc(infos.reduce((sum, info) => sum + framedLength(info), 0));
  let at = 0;
  for (const [index, table] of names.entries()) {
    const info = infos[index] as Buffer;
    const refused = readEntries(fd, { level, table, info }, all.subarray(at, at + framedLength(info)));
    if (refused !== null) return refused;
    at += framedLength(info);
  }
  return all;
}

function readEntries(fd: number, { level, table, info }: { level: number; table: string; info: Buffer }, into: Buffer): NoDump | null {
  frame(into, 1, infoLength);
  into.set(info, frameLength);
  const framed = into.subarray(frameLength + infoLength);
  frame(framed, 2, entriesHead + sizeIn(info));
  const refused = ask(fd, { level, name: option.entries, table }, framed.subarray(frameLength));
  if (refused !== null) return refused;
  // The entries are of one moment; that the hooks' offsets in them are of the same one, only asking again tells.
  const again = Buffer.alloc(infoLength);
  const gone = ask(fd, { level, name: option.info, table }, again);
  return gone ?? (info.equals(again) ? null : replaced);
}

function sizeIn(info: Buffer): number {
  return info.readUInt32LE(infoLength - 4);
}

function frame(into: Buffer, type: number, length: number): void {
  into.writeUInt32LE(frameLength + length, 0);
  into.writeUInt16LE(type, 4);
}

const replaced: NoDump = { ok: false, reason: 'interrupted', errno: 'EAGAIN', because: 'the table was replaced while it was read' };

/** EAGAIN: the table is no longer of the size that was asked for (get_entries, net/ipv4/netfilter/ip_tables.c). */
function ask(fd: number, { level, name, table }: { level: number; name: number; table: string }, into: Buffer): NoDump | null {
  into.write(table, 0, nameLength - 1, 'latin1');
  if (name === option.entries) into.writeUInt32LE(into.length - entriesHead, nameLength);
  if (getOption(fd, level, name, into, [into.length]) === 0) return null;
  const errno = errnoName(koffi.errno());
  return errno === 'EAGAIN' ? replaced : { ok: false, reason: 'refused', errno, because: `${errno} (table ${table})` };
}

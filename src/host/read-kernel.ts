import type { KernelFile } from './linux/kernel-file.ts';
import { readIpsets } from './linux/read-ipsets.ts';
import { readLegacyTables } from './linux/read-legacy-tables.ts';
import { readNftables } from './linux/read-nftables.ts';
import { readRtnetlink, rtnetlinkFiles } from './linux/read-rtnetlink.ts';
import type { MissingEntry } from './recorder.ts';

/** What the kernel itself says of its rules, sets and routes, as raw messages by path in a snapshot. */
export interface KernelReading {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** How each of the files came, for snapshot.json. */
  readonly origins: ReadonlyMap<string, string>;
  readonly missing: readonly MissingEntry[];
  /** What is not there because the kernel shows that there is nothing. */
  readonly proven: readonly MissingEntry[];
}

/**
 * Reads the network namespace of the calling thread. No process or thread is started, no module loaded, no table created; nothing waits.
 * `root` is where /proc and /sys are.
 */
export function readKernel(root = ''): KernelReading {
  const rtnetlink = readRtnetlink();
  const all: readonly (readonly [path: string, origin: string, file: KernelFile])[] = [
    ['netlink/nftables', 'nfnetlink dump', readNftables(root)],
    ['netlink/legacy-ip', 'getsockopt IPT_SO_GET_ENTRIES', readLegacyTables('ip', root)],
    ['netlink/legacy-ip6', 'getsockopt IP6T_SO_GET_ENTRIES', readLegacyTables('ip6', root)],
    ['netlink/ipset', 'nfnetlink dump', readIpsets(root)],
    ...rtnetlinkFiles.map((name) => [`netlink/${name}`, 'rtnetlink dump', rtnetlink[name]] as const),
  ];
  const reasons = (kind: 'missing' | 'none'): readonly MissingEntry[] =>
    all.flatMap(([path, , file]) => (file.kind === kind ? { path, because: file.because } : []));
  const read = all.flatMap(([path, origin, file]) => (file.kind === 'read' ? [{ path, origin, bytes: file.bytes }] : []));
  return {
    files: new Map(read.map(({ path, bytes }) => [path, bytes])),
    origins: new Map(read.map(({ path, origin }) => [path, origin])),
    missing: reasons('missing'),
    proven: reasons('none'),
  };
}

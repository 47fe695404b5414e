import { ByteList } from './byte-list.ts';
import { type KernelFile, untilConsistent } from './kernel-file.ts';
import { NetlinkSocket, protocol } from './netlink.ts';
import type { NetlinkRequest, RequestAttribute } from './netlink-request.ts';

/** RTM_GET... (include/uapi/linux/rtnetlink.h) and the length of the header that each dump starts with. */
const messages = {
  link: { type: 18, header: 16 },
  addr: { type: 22, header: 8 },
  route: { type: 26, header: 12 },
  rule: { type: 34, header: 12 },
  neigh: { type: 30, header: 12 },
} as const;
const family = { all: 0, bridge: 7, inet: 2, inet6: 10 } as const;
/** IFLA_EXT_MASK with RTEXT_FILTER_SKIP_STATS. */
const withoutStatistics: RequestAttribute = [29, Uint8Array.of(8, 0, 0, 0)];

export type RtnetlinkFile = keyof typeof messages;

/** Families are asked for one by one where a kernel without IPv6 would answer a question for it with all that it has. */
const dumps: Readonly<Record<RtnetlinkFile, readonly number[]>> = {
  link: [family.all],
  addr: [family.all],
  route: [family.inet, family.inet6],
  rule: [family.inet, family.inet6],
  neigh: [family.all, family.bridge],
};

export const rtnetlinkFiles = Object.keys(messages) as readonly RtnetlinkFile[];

/** The dumps of links, addresses, routes of all tables, routing rules, and neighbours with the forwarding entries of bridges. */
export function readRtnetlink(): Readonly<Record<RtnetlinkFile, KernelFile>> {
  const socket = NetlinkSocket.open(protocol.route);
  if (typeof socket === 'string') return everyFile(() => ({ kind: 'missing', because: `${socket} (netlink socket)` }));
  socket.checkStrictly();
  try {
    return everyFile((file) => untilConsistent(() => readFile(socket, file)));
  } finally {
    socket.close();
  }
}

function everyFile(read: (file: RtnetlinkFile) => KernelFile): Readonly<Record<RtnetlinkFile, KernelFile>> {
  return Object.fromEntries(rtnetlinkFiles.map((file) => [file, read(file)])) as Record<RtnetlinkFile, KernelFile>;
}

function readFile(socket: NetlinkSocket, file: RtnetlinkFile): ReturnType<Parameters<typeof untilConsistent>[0]> {
  const all = new ByteList();
  for (const each of dumps[file]) {
    const keep = each === family.all ? undefined : (found: number): boolean => found === each;
    const outcome = socket.dump(request(file, each), all, keep);
    // A kernel without IPv6 has no routing rules of it; without bridges it has no forwarding entries.
    if (!outcome.ok && !(each !== family.inet && (outcome.errno === 'EAFNOSUPPORT' || outcome.errno === 'EOPNOTSUPP'))) return outcome;
  }
  return all.bytes();
}

function request(file: RtnetlinkFile, of: number): NetlinkRequest {
  const { type, header } = messages[file];
  const bytes = new Uint8Array(header);
  bytes[0] = of;
  return { type, header: bytes, attributes: file === 'link' ? [withoutStatistics] : [], dump: true };
}

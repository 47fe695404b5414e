import { readAttributes } from '#formats/netlink/attributes.ts';
import { ByteList } from './byte-list.ts';
import { type KernelFile, untilConsistent } from './kernel-file.ts';
import { kernelHas } from './kernel-parts.ts';
import { NetlinkSocket, protocol } from './netlink.ts';
import { type NetlinkRequest, nfnetlinkHeader } from './netlink-request.ts';

/** NFNL_SUBSYS_IPSET, IPSET_CMD_PROTOCOL, IPSET_CMD_LIST (include/uapi/linux/netfilter/ipset/ip_set.h). */
const subsystem = 6 << 8;
const command = { protocol: 1, list: 7 } as const;
const attributeProtocol = 1;
const inet = 2;
/** Since 4.20 there is 7, in which a listing names the index that rules of x_tables keep; 6 is still spoken. */
const oldest = 6;
const newest = 7;

/** The messages of one IPSET_CMD_LIST: of each set its header and its members. */
export function readIpsets(root: string): KernelFile {
  const present = kernelHas('ip_set', root);
  if (present === false) return { kind: 'none', because: 'ip_set is not loaded' };
  if (present === null) return { kind: 'missing', because: 'nothing tells whether ip_set is loaded, and asking it would load it' };
  const socket = NetlinkSocket.open(protocol.netfilter);
  if (typeof socket === 'string') return { kind: 'missing', because: `${socket} (netlink socket)` };
  try {
    const spoken = protocolOf(socket);
    return untilConsistent(() => {
      const all = new ByteList();
      const outcome = socket.dump(request(command.list, spoken, true), all);
      return outcome.ok ? all.bytes() : outcome;
    });
  } finally {
    socket.close();
  }
}

function request(type: number, version: number, dump: boolean): NetlinkRequest {
  return { type: subsystem | type, header: nfnetlinkHeader(inet), attributes: [[attributeProtocol, Uint8Array.of(version)]], dump };
}

function protocolOf(socket: NetlinkSocket): number {
  const answer = new ByteList();
  if (!socket.dump(request(command.protocol, newest, false), answer).ok) return oldest;
  const version = readAttributes(answer.bytes().subarray(20))?.get(attributeProtocol)?.[0] ?? oldest;
  return Math.min(newest, version);
}

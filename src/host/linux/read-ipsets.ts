import { readAttributes, textOfAttribute } from '#formats/netlink/attributes.ts';
import { readMessages } from '#formats/netlink/message.ts';
import { ByteList } from './byte-list.ts';
import { ipsetIndices } from './ipset-index.ts';
import { type KernelFile, untilConsistent } from './kernel-file.ts';
import { kernelHas } from './kernel-parts.ts';
import { NetlinkSocket, type NoDump, protocol } from './netlink.ts';
import { encodeRequest, type NetlinkRequest, nfnetlinkHeader, type RequestAttribute } from './netlink-request.ts';

/** NFNL_SUBSYS_IPSET, IPSET_CMD_PROTOCOL, _LIST and _HEADER (include/uapi/linux/netfilter/ipset/ip_set.h). */
const subsystem = 6 << 8;
const command = { protocol: 1, list: 7, header: 12 } as const;
const attribute = { protocol: 1, name: 2, type: 3, index: 11 } as const;
const inet = 2;
/** With 7 (Linux 4.20) a listing names the number that rules of x_tables keep; 6 is still spoken. */
const versions = { oldest: 6, newest: 7 } as const;

/**
 * The messages of one IPSET_CMD_LIST: of each set its header and its members. `speak`: at most this protocol. Where the kernel's listing has
 * no numbers they are asked for one by one, and follow as messages of type IPSET_CMD_HEADER.
 */
export function readIpsets(root: string, speak: number = versions.newest): KernelFile {
  const present = kernelHas('ip_set', root);
  if (present === false) return { kind: 'none', because: 'ip_set is not loaded' };
  if (present === null) return { kind: 'missing', because: 'nothing tells whether ip_set is loaded, and asking it would load it' };
  const socket = NetlinkSocket.open(protocol.netfilter);
  if (typeof socket === 'string') return { kind: 'missing', because: `${socket} (netlink socket)` };
  try {
    const version = Math.min(speak, protocolOf(socket));
    return untilConsistent(() => listed(socket, version));
  } finally {
    socket.close();
  }
}

function listed(socket: NetlinkSocket, version: number): Uint8Array | NoDump {
  const all = new ByteList();
  const outcome = socket.dump(request(command.list, version), all);
  if (!outcome.ok) return outcome;
  if (version < versions.newest) {
    for (const [name, index] of ipsetIndices(namesIn(all.bytes()), version)) {
      const { bytes, length } = encodeRequest(
        request(command.header, version, [
          [attribute.name, Buffer.from(`${name}\0`)],
          [attribute.index, Uint8Array.of(index >>> 8, index & 255)],
        ]),
        0,
      );
      all.append(bytes, 0, length);
    }
  }
  return all.bytes();
}

function request(type: number, version: number, attributes: readonly RequestAttribute[] = []): NetlinkRequest {
  const all: readonly RequestAttribute[] = [[attribute.protocol, Uint8Array.of(version)], ...attributes];
  return { type: subsystem | type, header: nfnetlinkHeader(inet), attributes: all, dump: type === command.list };
}

function protocolOf(socket: NetlinkSocket): number {
  const answer = new ByteList();
  if (!socket.dump(request(command.protocol, versions.newest), answer).ok) return versions.oldest;
  return readAttributes(answer.bytes().subarray(20))?.get(attribute.protocol)?.[0] ?? versions.oldest;
}

function namesIn(bytes: Uint8Array): readonly string[] {
  const messages = readMessages(bytes, 'netlink/ipset');
  if (!messages.ok) throw new Error(`the socket gave no whole messages: ${messages.problem.found}`);
  return messages.value.flatMap(({ body }) => {
    const attributes = readAttributes(body.subarray(4));
    return attributes?.has(attribute.type) === true ? (textOfAttribute(attributes.get(attribute.name)) ?? []) : [];
  });
}

import { formatAddress } from '#facts/address.ts';
import { inNetworkNamespace } from '#host/linux/namespaces.ts';
import { closeSocket, openPacketCapture, type Socket, seenPackets } from '#host/linux/sockets.ts';
import type { LabPod } from '../plan.ts';
import { runProgram } from '../run-program.ts';
import { namespacePath } from './network.ts';
import { askKernel, probesOf } from './probes.ts';

export interface LabPacket {
  readonly time: string;
  readonly summary: string;
  readonly from: string;
  readonly to: string;
}

/** What was seen at one end of a pod's veth. */
export interface EndCapture {
  readonly interface: string;
  /** `node`, or `namespace/name` of the pod. */
  readonly end: string;
  readonly packets: readonly LabPacket[];
}

/** Pings a pod from the host over IPv4 and watches both ends of its veth meanwhile, as tcpdump would. */
export async function watchPing(pod: LabPod): Promise<readonly EndCapture[]> {
  const ends = [
    { interface: pod.interface, end: 'node', socket: openCapture(pod.interface) },
    { interface: 'eth0', end: `${pod.namespace}/${pod.name}`, socket: inNetworkNamespace(namespacePath(pod), () => openCapture('eth0')) },
  ].map((end) => ({ ...end, packets: [] as LabPacket[] }));
  const collect = (): void => {
    for (const { socket, packets } of ends)
      packets.push(...seenPackets(socket).flatMap(({ outgoing, bytes }) => describe(bytes, outgoing)));
  };
  const timer = setInterval(collect, 1);
  const ping = probesOf([], [pod]).filter(({ from, port, family }) => from === null && port === null && family === 'ip');
  await askKernel(ping, 300);
  clearInterval(timer);
  collect();
  for (const { socket } of ends) closeSocket(socket);
  return ends.map(({ interface: name, end, packets }) => ({ interface: name, end, packets }));
}

function openCapture(name: string): Socket {
  const [link] = JSON.parse(runProgram('ip', ['-j', 'link', 'show', 'dev', name])) as readonly { readonly ifindex: number }[];
  if (link === undefined) throw new Error(`no link ${name}`);
  return openPacketCapture(link.ifindex);
}

/** ICMP echo only: neighbours' ARP is not what the capture is about. */
function describe(bytes: Buffer, outgoing: boolean): readonly LabPacket[] {
  const version = (bytes[0] as number) >> 4;
  const type = bytes[((bytes[0] as number) & 15) * 4];
  if (version !== 4 || bytes[9] !== 1 || (type !== 0 && type !== 8)) return [];
  const address = (at: number): string => formatAddress({ family: 'ip', words: [bytes.readUInt32BE(at)] });
  const summary = `${outgoing ? 'out' : 'in'}: ICMP echo ${type === 8 ? 'request' : 'reply'}`;
  return [{ time: new Date().toISOString(), summary, from: address(12), to: address(16) }];
}

/** Files for a snapshot: one JSON object a line, first the interface, then its packets. */
export function packetFiles(captures: readonly EndCapture[]): readonly (readonly [path: string, content: string])[] {
  return captures.map(({ interface: name, end, packets }) => {
    const lines = [{ interface: name, end }, ...packets].map((each) => JSON.stringify(each));
    return [`packets/${end === 'node' ? name : `${end.replace('/', '_')}_${name}`}.json`, `${lines.join('\n')}\n`];
  });
}

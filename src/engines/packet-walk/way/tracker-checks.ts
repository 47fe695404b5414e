import { isSince } from '../kernel-release.ts';
import type { Machine } from '../machine.ts';
import { evenUnknown } from '../question.ts';

const [dccp, udpLite] = [33, 136];
/** Beside DCCP and UDP-Lite: TCP, UDP, SCTP, ICMP, ICMPv6. */
const checked: ReadonlySet<number> = new Set([1, 6, 17, 58, 132]);

/**
 * Whether conntrack makes a packet INVALID before it asks what it could begin, whatever connection it would belong to: for the checksum of what comes in, only
 * while nf_conntrack_checksum is on (nf_conntrack_proto_tcp.c and its siblings), or as a DCCP packet of the wrong type.
 */
export function isRefusedByTracker(machine: Machine): boolean {
  const { packet, model } = machine;
  const { protocol } = packet;
  if (protocol === dccp) return isSince(model.snapshot.kernel, 6, 17) !== true && asks(machine, 'DCCP', dccpGap);
  if (packet.inInterface === '') return false;
  if (protocol === udpLite) return isOn(machine) && asks(machine, 'UDP-Lite', udpLiteGap);
  return packet.badChecksum && checked.has(protocol) && isOn(machine);
}

/** udplite_error computes with the protocol number of UDP, so that a right checksum is a bad one unless the network card has vouched for it. */
const udpLiteGap = 'conntrack takes right checksums of UDP-Lite for bad ones, where it knows UDP-Lite and no network card has checked them';
const dccpGap = 'what conntrack makes of DCCP, whose types and sequence numbers kernels before 6.17 look at';

function isOn(machine: Machine): boolean {
  const name = 'nf_conntrack_checksum';
  const value = machine.model.settings.at(`net.netfilter.${name}`);
  return value === null ? asks(machine, name, `${name} is not in the snapshot`) : value !== 0;
}

function asks(machine: Machine, about: string, because: string): boolean {
  const gap = { backend: null, table: 'conntrack', chain: machine.hook, rule: null, because };
  return machine.ask({ key: `${machine.packet.leg} ${about}`, probabilities: evenUnknown, gap }) === 0;
}

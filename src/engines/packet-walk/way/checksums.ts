import { isSince } from '../kernel-release.ts';
import type { Machine } from '../machine.ts';
import { evenUnknown } from '../question.ts';

const [dccp, udpLite] = [33, 136];
/** Beside DCCP and UDP-Lite: TCP, UDP, SCTP, ICMP, ICMPv6. */
const checked: ReadonlySet<number> = new Set([1, 6, 17, 58, 132]);

/**
 * Whether conntrack finds a bad checksum in what comes in, and makes it INVALID, whatever connection it would belong to (nf_conntrack_proto_tcp.c and its
 * siblings). Only while nf_conntrack_checksum is on.
 */
export function hasBadChecksum(machine: Machine): boolean {
  const { packet, model } = machine;
  const { protocol } = packet;
  if (packet.inInterface === '') return false;
  if (protocol === udpLite) return isOn(machine) && asks(machine, 'UDP-Lite', udpLiteGap);
  if (!packet.badChecksum) return false;
  if (protocol === dccp && isSince(model.snapshot.kernel, 6, 17) !== true) return isOn(machine) && asks(machine, 'DCCP', dccpGap);
  return checked.has(protocol) && isOn(machine);
}

/** udplite_error computes with the protocol number of UDP, so that a right checksum is a bad one unless the network card has vouched for it. */
const udpLiteGap = 'conntrack takes right checksums of UDP-Lite for bad ones, where it knows UDP-Lite and no network card has checked them';
const dccpGap = 'whether conntrack looks into DCCP, as kernels before 6.17 may';

function isOn(machine: Machine): boolean {
  const name = 'nf_conntrack_checksum';
  const value = machine.model.settings.at(`net.netfilter.${name}`);
  return value === null ? asks(machine, name, `${name} is not in the snapshot`) : value !== 0;
}

function asks(machine: Machine, about: string, because: string): boolean {
  const gap = { backend: null, table: 'conntrack', chain: machine.hook, rule: null, because };
  return machine.ask({ key: `${machine.packet.leg} ${about}`, probabilities: evenUnknown, gap }) === 0;
}

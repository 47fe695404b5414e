import type { Machine } from '../machine.ts';
import { hasConnection } from '../packet.ts';

/**
 * What is forwarded out by the interface that it came in by makes the node tell its sender of a shorter way, before FORWARD. That message belongs to the
 * connection, and a rule of OUTPUT or POSTROUTING may mark it: of IPv4 from the first packet on (icmp_send attaches it, ip_rt_send_redirect), of IPv6 once the
 * connection is confirmed (nf_conntrack_icmpv6_redirect). Rates are limited, so that nobody knows whether it is sent.
 */
export function mayBeRedirected(machine: Machine): void {
  const { packet, model } = machine;
  const { connection, family, inInterface } = packet;
  if (!hasConnection(packet) || connection.mark === null) return;
  const isSent = family === 'ip' ? model.settings.greater('ipv4', inInterface, 'send_redirects') !== 0 : packet.direction === 'REPLY';
  if (isSent && model.hooks.marksConnections(family)) packet.connection = { ...connection, mark: null };
}

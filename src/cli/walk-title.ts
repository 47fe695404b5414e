import { type Address, formatAddress } from '#facts/address.ts';
import type { Probe } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';

interface Asked {
  readonly from: string;
  readonly to: string;
}

const protocols: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 47: 'gre', 58: 'icmpv6', 132: 'sctp' };

/** `10.0.10.11 (host) -> 10.244.1.200:8080/tcp (shop/web-1)`: what was asked by name, and the addresses and the port that were walked. */
export function walkTitle(probe: Probe, asked: Asked, snapshot: Snapshot): string {
  const protocol = protocols[probe.protocol] ?? `protocol ${probe.protocol}`;
  const by = asked.from === 'outside' && probe.inInterface !== null ? `, by ${probe.inInterface}` : '';
  const fromPort = /:\d+$/.test(asked.from) && formatAddress(probe.from) !== asked.from ? probe.fromPort : null;
  const from = `${endText(probe.from, fromPort)}${named(asked.from, probe.from, snapshot, by)}`;
  const kind = probe.toPort === null ? ` ${protocol}` : `/${protocol}`;
  const state = probe.state === 'NEW' ? '' : ` ${probe.state.toLowerCase()}`;
  return `${from} -> ${endText(probe.to, probe.toPort)}${kind}${named(asked.to, probe.to, snapshot, '')}${state}`;
}

function endText(address: Address, port: number | null): string {
  const text = formatAddress(address);
  if (port === null) return text;
  return address.family === 'ip' ? `${text}:${port}` : `[${text}]:${port}`;
}

/** The name that was asked for, else that of the pod or service with the address. */
function named(text: string, address: Address, { pods, services }: Snapshot, more: string): string {
  const word = /^(host|outside)(?::\d+)?$/.exec(text)?.[1];
  if (word !== undefined) return ` (${word}${more})`;
  const owners = [
    ...(pods.kind === 'read' ? pods.value.filter(({ hostNetwork }) => !hostNetwork) : []),
    ...(services.kind === 'read' ? services.value : []),
  ];
  const key = address.words.join();
  const found = owners.find(({ addresses }) => addresses.some((each) => each.words.join() === key));
  if (found !== undefined) return ` (${found.namespace}/${found.name})`;
  return text.includes('/') ? ` (${text})` : '';
}

import { type Endpoint, host, outside, type ReachWish } from '#engines/packet-walk/reach.ts';
import { formatAddress } from '#facts/address.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { UserError } from './command.ts';
import { readEndpoint } from './walk-endpoint.ts';

export interface ReachText {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly proto?: string | undefined;
}

const protocols: readonly string[] = ['tcp', 'udp', 'sctp', 'icmp'];

/** Which pairs are asked about, as people name them. */
export function readReachWish({ from, to, proto }: ReachText, snapshot: Snapshot): ReachWish {
  if (proto !== undefined && !protocols.includes(proto)) throw new UserError(`--proto: found '${proto}', expected ${protocols.join(', ')}`);
  return {
    from: from === undefined ? null : endpointsOf(from, '--from', { proto, snapshot }),
    to: to === undefined ? null : endpointsOf(to, '--to', { proto, snapshot }),
    protocol: proto ?? null,
  };
}

/** One for each address. A port without a protocol is one of TCP, or the service's own. */
function endpointsOf(
  text: string,
  option: string,
  { proto, snapshot }: { readonly proto: string | undefined; readonly snapshot: Snapshot },
): readonly Endpoint[] {
  const { addresses, port } = readEndpoint(text, option, snapshot);
  const listens = port === null || proto === 'icmp' ? null : { protocol: proto ?? protocolOf(text, port, snapshot), number: port };
  if (addresses === 'host') return [{ ...host, port: listens }];
  if (addresses === 'outside') return [{ ...outside, port: listens }];
  return addresses.map((address) => ({
    name: text.includes('/') ? text : formatAddress(address),
    kind: kindOf(text, snapshot),
    address,
    port: listens,
  }));
}

function kindOf(text: string, snapshot: Snapshot): Endpoint['kind'] {
  if (!text.includes('/')) return 'address';
  return podOf(text, snapshot) === undefined ? 'service' : 'pod';
}

const nameIn = (text: string): string => text.replace(/^(pod|svc|service)\//, '').replace(/:[a-z0-9-]+$/, '');

function podOf(text: string, { pods }: Snapshot) {
  if (pods.kind === 'missing' || /^(svc|service)\//.test(text)) return undefined;
  return pods.value.find(({ namespace, name }) => `${namespace}/${name}` === nameIn(text));
}

function protocolOf(text: string, port: number, snapshot: Snapshot): string {
  const pod = podOf(text, snapshot);
  const { services } = snapshot;
  const service =
    services.kind === 'read' ? services.value.find(({ namespace, name }) => `${namespace}/${name}` === nameIn(text)) : undefined;
  return (pod ?? service)?.ports.find((each) => each.port === port)?.protocol ?? 'tcp';
}

import { type Address, type Family, formatAddress, sameAddress } from '#facts/address.ts';
import type { ReachEndpoint } from '#facts/reach.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { Model } from '../model.ts';

/** Someone that connections come from or go to, in one family. */
export interface Endpoint extends ReachEndpoint {
  /** Null: the node itself, or the outside: an address that depends on the other end, or stands for many. */
  readonly address: Address | null;
  /** Where it listens; none for those that are only pinged. */
  readonly port: { readonly protocol: string; readonly number: number } | null;
}

const finished: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);

/** The pods of the node, each with its first port; without Kubernetes' list whoever has a route of its own. */
export function podsOf({ snapshot }: Model, family: Family): readonly Endpoint[] {
  const local = workloadAddresses(snapshot, family);
  if (snapshot.pods.kind === 'missing')
    return [...local.values()].map((address) => ({ name: formatAddress(address), kind: 'pod', address, port: null }));
  return snapshot.pods.value.flatMap(({ namespace, name, addresses, hostNetwork, phase, ports }): readonly Endpoint[] => {
    const address = addresses.find((each) => each.family === family && local.has(formatAddress(each)));
    if (hostNetwork || finished.has(phase) || address === undefined) return [];
    const [first] = ports;
    const port = first === undefined ? null : { protocol: first.protocol, number: first.port };
    return [{ name: `${namespace}/${name}`, kind: 'pod', address, port }];
  });
}

/** Addresses that a route of their own leads to directly: those of pods. */
function workloadAddresses({ routes }: Snapshot, family: Family): ReadonlyMap<string, Address> {
  if (routes.kind === 'missing') return new Map();
  const own = routes.value.filter(
    ({ destination, type, table, gateway, interface: by }) =>
      destination.family === family &&
      destination.bits === (family === 'ip' ? 32 : 128) &&
      type === 'unicast' &&
      table === 'main' &&
      gateway === null &&
      by !== null,
  );
  return new Map(
    own.map(({ destination: { words } }) => {
      const address = { family, words };
      return [formatAddress(address), address];
    }),
  );
}

/** A service by each of its ports. */
export function servicesOf({ snapshot: { services } }: Model, family: Family): readonly Endpoint[] {
  if (services.kind === 'missing') return [];
  return services.value.flatMap(({ namespace, name, addresses, ports }) => {
    const address = addresses.find((each) => each.family === family);
    if (address === undefined) return [];
    return ports.map(
      ({ name: portName, port, protocol }): Endpoint => ({
        name: `${namespace}/${name}:${portName || port}`,
        kind: 'service',
        address,
        port: { protocol, number: port },
      }),
    );
  });
}

export const host: Endpoint = { name: 'host', kind: 'host', address: null, port: null };
export const outside: Endpoint = { name: 'outside', kind: 'outside', address: null, port: null };

/** The node's own address towards another, or its first; null where the snapshot does not tell. */
export function hostAddress({ routing }: Model, family: Family, towards: Address | null): Address | null {
  const route = towards === null ? null : routing.lookup({ destination: towards, source: null, inInterface: null, mark: 0 });
  const by = route?.kind === 'route' ? route.route : null;
  if (by?.source !== undefined && by.source !== null) return by.source;
  if (by?.type === 'local') return towards;
  const found = routing.masqueradeAddress(by?.interface ?? '', towards ?? { family, words: family === 'ip' ? [0] : [0, 0, 0, 0] });
  return found === 'none' ? null : found;
}

export const sameEnd = (a: Endpoint, b: Endpoint): boolean =>
  a.kind === b.kind && (a.address === null || b.address === null ? a.address === b.address : sameAddress(a.address, b.address));

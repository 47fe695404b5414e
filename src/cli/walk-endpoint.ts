import { outsideOf } from '#engines/packet-walk/outside.ts';
import { type Address, type Family, parseAddress } from '#facts/address.ts';
import type { Pod, Service } from '#facts/kubernetes.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { UserError } from './command.ts';

/** One end of a connection as a person names it. */
export interface Endpoint {
  /** Null: `host`, whose address depends on the other end; `outside` likewise only in family. */
  readonly addresses: readonly Address[] | 'host' | 'outside';
  readonly port: number | null;
}

const expected = 'ADDR, ADDR:PORT, [ADDR]:PORT, host, outside, NAMESPACE/POD[:PORT] or NAMESPACE/SERVICE[:PORT]';

/** Reads an address, `host`, `outside`, or the name of a pod or service of the snapshot. A pod goes before a service of its name. */
export function readEndpoint(text: string, option: string, snapshot: Snapshot): Endpoint {
  if (/^[\d.]+\/\d+$|^[\da-f:]+\/\d+$/i.test(text)) throw new UserError(`${option}: found the block '${text}', expected ${expected}`);
  const named = /^(?:(pod|svc|service)\/)?([a-z0-9][a-z0-9.-]*)\/([a-z0-9][a-z0-9.-]*)(?::([a-z0-9-]+))?$/.exec(text);
  if (named !== null) return namedEndpoint(named, `${option} ${text}`, snapshot);
  const parts = /^(?:\[([^\]]+)\]|([^:]+)|([0-9a-fA-F:.]*:[0-9a-fA-F:.]*))(?::(\d{1,5}))?$/.exec(text);
  const whole = parseAddress(text);
  const name = whole === null ? (parts?.[1] ?? parts?.[2]) : text;
  const port = whole !== null || parts?.[4] === undefined ? null : Number(parts[4]);
  if (port !== null && port > 65_535) throw new UserError(`${option}: found port ${port} in '${text}', expected a port from 0 to 65535`);
  if (name === 'host' || name === 'outside') return { addresses: name, port };
  const address = name === undefined ? null : parseAddress(name);
  if (address === null) throw new UserError(`${option}: found '${text}', expected ${expected}`);
  return { addresses: [address], port };
}

function namedEndpoint([, kind, namespace, name, port]: readonly (string | undefined)[], place: string, snapshot: Snapshot): Endpoint {
  const { pods, services } = snapshot;
  const fits = (each: { readonly namespace: string; readonly name: string }): boolean => each.namespace === namespace && each.name === name;
  const pod = kind === undefined || kind === 'pod' ? (pods.kind === 'read' ? pods.value.find(fits) : undefined) : undefined;
  if (pod !== undefined) return podEndpoint(pod, port, place);
  const service = kind !== 'pod' && services.kind === 'read' ? services.value.find(fits) : undefined;
  if (service !== undefined && place.startsWith('--from'))
    throw new UserError(`${place}: found a service, expected a pod: a service's address sends nothing`);
  if (service !== undefined) return serviceEndpoint(service, port, place);
  const missing = [pods, services].flatMap((reading) => (reading.kind === 'missing' ? [`${reading.source}: ${reading.because}`] : []));
  const unread = missing.length === 0 ? '' : ` (${missing.join('; ')})`;
  throw new UserError(`${place}: found no such pod or service in the snapshot${unread}${alike(`${namespace}/${name}`, snapshot)}`);
}

const maxNamed = 6;

/** Pods and services that one may have meant: of that beginning, else of that namespace. */
function alike(wanted: string, { pods, services }: Snapshot): string {
  const all = [pods, services].flatMap((reading) => (reading.kind === 'read' ? [...reading.value] : []));
  const names = [...new Set(all.map((each) => `${each.namespace}/${each.name}`))];
  const begins = names.filter((each) => each.startsWith(wanted));
  const near = begins.length > 0 ? begins : names.filter((each) => each.startsWith(wanted.slice(0, wanted.indexOf('/') + 1)));
  if (near.length === 0) return '';
  const more = near.length > maxNamed ? ` and ${near.length - maxNamed} more` : '';
  return `, expected one of ${near.slice(0, maxNamed).join(', ')}${more}`;
}

function podEndpoint({ addresses, ports }: Pod, port: string | undefined, place: string): Endpoint {
  if (addresses.length === 0) throw new UserError(`${place}: the pod has no address`);
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))
    throw new UserError(`${place}: found port '${port}', expected a number from 0 to 65535`);
  // What a pod listens on is not what it sends from.
  const served = place.startsWith('--from') ? null : (ports[0]?.port ?? null);
  return { addresses, port: port === undefined ? served : Number(port) };
}

/** A port by its name or number; the only one where none is given. */
function serviceEndpoint({ addresses, ports }: Service, port: string | undefined, place: string): Endpoint {
  if (addresses.length === 0) throw new UserError(`${place}: the service has no address of its own (headless)`);
  const found = port === undefined ? (ports.length === 1 ? ports[0] : undefined) : ports.find((each) => each.name === port);
  if (found !== undefined) return { addresses, port: found.port };
  const byNumber = ports.find((each) => String(each.port) === port);
  if (byNumber !== undefined) return { addresses, port: byNumber.port };
  const names = ports.map((each) => each.name || String(each.port)).join(', ');
  throw new UserError(`${place}: found ${port === undefined ? 'no port' : `port '${port}'`}, expected one of ${names}`);
}

/** An address of the outside, and the interface that the default route leaves by. */
export function outsideAddress(family: Family, { routes }: Snapshot, option: string): { readonly address: Address; readonly by: string } {
  if (routes.kind === 'missing')
    throw new UserError(`${option}: outside: the node's routes are not in the snapshot (${routes.source}: ${routes.because})`);
  const found = outsideOf(routes.value, family);
  if (found === null) throw new UserError(`${option}: outside: the node has no default route for ${family === 'ip' ? 'IPv4' : 'IPv6'}`);
  return found;
}

import { type Address, type Family, type Prefix, parseAddress, parsePrefix } from '#facts/address.ts';
import type { Place } from '#facts/evidence.ts';
import type { InterfaceAddress, Link, Neighbour, Route, RouteType, RoutingRule } from '#facts/network.ts';
import { failed, ok, type Result } from '#facts/result.ts';

type Json = Readonly<Record<string, unknown>>;

/** The objects of `ip -j` with the line each starts on, where the file has one object a line; line 1 otherwise. */
function objectsOf(text: string, source: string): Result<readonly { readonly object: Json; readonly at: Place }[]> {
  let whole: unknown;
  try {
    whole = text.trim() === '' ? [] : JSON.parse(text);
  } catch (error) {
    return failed({ code: 'json-unreadable', source, found: (error as Error).message.slice(0, 80), expected: 'the JSON array of ip -j' });
  }
  if (!Array.isArray(whole)) return failed({ code: 'json-unreadable', source, found: typeof whole, expected: 'the JSON array of ip -j' });
  const lines = text.split('\n').flatMap((line, index) => (line.startsWith('{') ? [index + 1] : []));
  const single = lines.length === whole.length;
  return ok(
    whole
      .filter((each) => typeof each === 'object' && each !== null && Object.keys(each).length > 0)
      .map((object, index) => ({ object, at: { source, line: single ? (lines[index] as number) : 1 } })),
  );
}

function mapObjects<T>(text: string, source: string, read: (object: Json, at: Place) => readonly T[]): Result<readonly T[]> {
  const objects = objectsOf(text, source);
  return objects.ok ? ok(objects.value.flatMap(({ object, at }) => read(object, at))) : objects;
}

const string = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []);

/** `ip -j -d link show`. */
export function readLinks(text: string, source: string): Result<readonly Link[]> {
  return mapObjects(text, source, (object, at) => {
    const flags = strings(object['flags']);
    const name = string(object['ifname']);
    if (name === null) return [];
    const info = object['linkinfo'] as Json | undefined;
    return [
      {
        index: number(object['ifindex']) ?? 0,
        name,
        mtu: number(object['mtu']) ?? 0,
        up: flags.includes('UP'),
        carrier: flags.includes('LOWER_UP'),
        loopback: flags.includes('LOOPBACK'),
        kind: string(info?.['info_kind']),
        master: string(object['master']),
        mac: string(object['address']),
        at,
      },
    ];
  });
}

/** `ip -j address show`. */
export function readAddresses(text: string, source: string): Result<readonly InterfaceAddress[]> {
  return mapObjects(text, source, (object, at) => {
    const list = Array.isArray(object['addr_info']) ? (object['addr_info'] as readonly Json[]) : [];
    return list.flatMap((info): readonly InterfaceAddress[] => {
      const address = parseAddress(string(info['local']) ?? '');
      if (address === null) return [];
      return [
        {
          interface: string(object['ifname']) ?? '',
          address,
          bits: number(info['prefixlen']) ?? (address.family === 'ip' ? 32 : 128),
          scope: string(info['scope']) ?? '',
          broadcast: parseAddress(string(info['broadcast']) ?? ''),
          peer: parseAddress(string(info['address']) ?? ''),
          at,
        },
      ];
    });
  });
}

const routeTypes: readonly RouteType[] = [
  'unicast',
  'local',
  'broadcast',
  'multicast',
  'anycast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
];

/** `ip -j -4|-6 route show table all`; `family` is inet or inet6 where the capture added it. */
export function readRoutes(text: string, source: string): Result<readonly Route[]> {
  return mapObjects(text, source, (object, at) => {
    const family = familyOf(object);
    const destination = destinationOf(string(object['dst']), family);
    if (destination === null) return [];
    const type = string(object['type']) ?? 'unicast';
    return [
      {
        family,
        type: routeTypes.find((each) => each === type) ?? 'other',
        destination,
        table: String(object['table'] ?? 'main'),
        interface: string(object['dev']),
        gateway: gatewayOf(object),
        source: parseAddress(string(object['prefsrc']) ?? ''),
        scope: string(object['scope']),
        metric: number(object['metric']) ?? 0,
        flags: strings(object['flags']),
        multipath: Array.isArray(object['nexthops']),
        at,
      },
    ];
  });
}

function gatewayOf(object: Json): Address | null {
  const via = object['via'] as Json | undefined;
  return parseAddress(string(object['gateway']) ?? string(via?.['host']) ?? '');
}

function familyOf(object: Json): Family {
  if (object['family'] === 'inet6') return 'ip6';
  if (object['family'] === 'inet') return 'ip';
  return [object['dst'], object['gateway'], object['src']].some((each) => typeof each === 'string' && each.includes(':')) ? 'ip6' : 'ip';
}

function destinationOf(text: string | null, family: Family): Prefix | null {
  if (text === null) return null;
  return text === 'default' || text === 'all' ? parsePrefix(family === 'ip' ? '0.0.0.0/0' : '::/0') : parsePrefix(text);
}

const modelledRuleKeys = new Set([
  'family',
  'priority',
  'src',
  'srclen',
  'dst',
  'dstlen',
  'table',
  'action',
  'fwmark',
  'fwmask',
  'iif',
  'oif',
  'not',
  'protocol',
]);

/** `ip -j -4|-6 rule show`. */
export function readRoutingRules(text: string, source: string): Result<readonly RoutingRule[]> {
  return mapObjects(text, source, (object, at) => {
    const family = familyOf(object);
    const others = Object.keys(object).filter((key) => !modelledRuleKeys.has(key));
    const mark = string(object['fwmark']);
    return [
      {
        family,
        priority: number(object['priority']) ?? 0,
        table: object['table'] === undefined ? null : String(object['table']),
        action: string(object['action']) ?? (object['table'] === undefined ? 'unknown' : 'lookup'),
        from: selectorOf(object, 'src', 'srclen', family),
        to: selectorOf(object, 'dst', 'dstlen', family),
        mark: mark === null ? null : { value: Number(mark), mask: Number(string(object['fwmask']) ?? 0xffffffff) },
        inInterface: string(object['iif']),
        outInterface: string(object['oif']),
        inverted: object['not'] !== undefined,
        unmodelled: others.map((key) => `${key} ${JSON.stringify(object[key])}`).join(', '),
        at,
      },
    ];
  });
}

function selectorOf(object: Json, address: string, length: string, family: Family): Prefix | null {
  const text = string(object[address]);
  if (text === null || text === 'all') return null;
  const bits = number(object[length]);
  return destinationOf(bits === null ? text : `${text}/${bits}`, family);
}

/** `ip -j neighbour show`. */
export function readNeighbours(text: string, source: string): Result<readonly Neighbour[]> {
  return mapObjects(text, source, (object, at) => {
    const address = parseAddress(string(object['dst']) ?? '');
    if (address === null) return [];
    return [{ address, interface: string(object['dev']) ?? '', mac: string(object['lladdr']), state: strings(object['state']), at }];
  });
}

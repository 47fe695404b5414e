import { type Family, maskOf, type Prefix, parseAddress, parsePrefix } from '#facts/address.ts';
import type { InterfaceAddress, Link, Route, RoutingRule } from '#facts/network.ts';
import { missing, type Reading, type Result, read } from '#facts/result.ts';
import type { Backend, Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { readIpsetSave } from '#formats/ipset-save.ts';
import { readIptablesSave } from '#formats/iptables-save.ts';
import { emptySnapshot } from '../../support/snapshot-builder.ts';

export type Dumps = Readonly<Record<string, string>>;

/** A snapshot of what the walker looks at, from the judge's dumps; everything else of the node is missing. */
export function snapshotOfDumps(dumps: Dumps): Snapshot {
  const left = missing('', 'not part of the judge');
  return {
    ...emptySnapshot,
    node: 'judge',
    capturedAt: null,
    collector: 'packet judge',
    kernel: null,
    rulesets: {
      legacy: { ip: ruleset(dumps, 'legacy', 'ip'), ip6: ruleset(dumps, 'legacy', 'ip6') },
      nft: { ip: ruleset(dumps, 'nft', 'ip'), ip6: ruleset(dumps, 'nft', 'ip6') },
    },
    kernelRules: { legacy: { ip: left, ip6: left }, nft: left },
    nativeChains: read([], ''),
    ipsets: reading(readIpsetSave([bytes(dumps, 'netfilter/ipset-save')], 'netfilter/ipset-save')),
    links: read(rows(dumps, 'net/link').map(linkOf), 'net/link'),
    addresses: read(rows(dumps, 'net/addr').flatMap(addressesOf), 'net/addr'),
    routes: read([...routesOf(dumps, 'ip'), ...routesOf(dumps, 'ip6')], 'net/route'),
    routingRules: read([...routingRulesOf(dumps, 'ip'), ...routingRulesOf(dumps, 'ip6')], 'net/rule'),
    sysctls: sysctlsOf(dumps),
  };
}

function bytes(dumps: Dumps, name: string): Uint8Array {
  return new TextEncoder().encode(dumps[name] ?? '');
}

function reading<T>(result: Result<T>): Reading<T> {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return read(result.value, '');
}

function ruleset(dumps: Dumps, backend: Backend, family: Family): Reading<Ruleset> {
  const source = `netfilter/${family === 'ip' ? 'iptables' : 'ip6tables'}-${backend}-save`;
  return reading(readIptablesSave([bytes(dumps, source)], { backend, family, source }));
}

type Row = Readonly<Record<string, unknown>>;
const rows = (dumps: Dumps, name: string): readonly Row[] => JSON.parse(dumps[name] || '[]') as readonly Row[];
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const at = { source: 'net', line: 1 };

function linkOf(row: Row, index: number): Link {
  const flags = row['flags'] as readonly string[];
  return {
    index: index + 1,
    name: row['ifname'] as string,
    mtu: row['mtu'] as number,
    up: flags.includes('UP'),
    carrier: flags.includes('LOWER_UP'),
    loopback: flags.includes('LOOPBACK'),
    kind: text((row['linkinfo'] as Row | undefined)?.['info_kind']),
    master: null,
    mac: null,
    xdp: row['xdp'] !== undefined,
    at,
  };
}

function addressesOf(row: Row): readonly InterfaceAddress[] {
  return (row['addr_info'] as readonly Row[]).map((each) => ({
    interface: row['ifname'] as string,
    address: parseAddress(each['local'] as string) as InterfaceAddress['address'],
    bits: each['prefixlen'] as number,
    scope: each['scope'] as string,
    broadcast: null,
    peer: null,
    at,
  }));
}

function prefixOf(value: unknown, family: Family): Prefix {
  if (value === 'default' || value === 'all') {
    const mask = maskOf(family, 0);
    return { family, words: mask, mask, bits: 0 };
  }
  return parsePrefix(value as string) as Prefix;
}

function routesOf(dumps: Dumps, family: Family): readonly Route[] {
  return rows(dumps, family === 'ip' ? 'net/route4' : 'net/route6').map((row) => ({
    family,
    type: (text(row['type']) ?? 'unicast') as Route['type'],
    destination: prefixOf(row['dst'], family),
    table: text(row['table']) ?? 'main',
    interface: text(row['dev']),
    gateway: row['gateway'] === undefined ? null : parseAddress(row['gateway'] as string),
    source: row['prefsrc'] === undefined ? null : parseAddress(row['prefsrc'] as string),
    scope: text(row['scope']),
    metric: (row['metric'] as number | undefined) ?? 0,
    flags: [...(row['flags'] as readonly string[]), ...['encap', 'from', 'tos'].filter((key) => row[key] !== undefined)],
    multipath: row['nexthops'] !== undefined,
    at,
  }));
}

function routingRulesOf(dumps: Dumps, family: Family): readonly RoutingRule[] {
  return rows(dumps, family === 'ip' ? 'net/rule4' : 'net/rule6').map((row) => ({
    family,
    priority: row['priority'] as number,
    table: text(row['table']),
    action: text(row['action']) ?? 'lookup',
    from: row['src'] === 'all' ? null : prefixOf(row['srclen'] === undefined ? row['src'] : `${row['src']}/${row['srclen']}`, family),
    to: null,
    mark: row['fwmark'] === undefined ? null : { value: Number(row['fwmark']), mask: Number(row['fwmask'] ?? 0xffffffff) },
    inInterface: text(row['iif']),
    outInterface: text(row['oif']),
    inverted: row['not'] !== undefined,
    unmodelled: row['dst'] === undefined ? '' : JSON.stringify(row),
    at,
  }));
}

function sysctlsOf(dumps: Dumps): Snapshot['sysctls'] {
  const files = Object.entries(dumps).filter(([name]) => name.startsWith('sysctl/'));
  return new Map(
    files.map(([source, value]) => [
      source.slice('sysctl/'.length).replaceAll('/', '.'),
      { value: value.trim(), at: { source, line: 1 }, text: value.trim() },
    ]),
  );
}

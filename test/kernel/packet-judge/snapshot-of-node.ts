import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Family } from '#facts/address.ts';
import type { NftRuleset } from '#facts/nft.ts';
import { missing, type Reading, type Result, read } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { readIpsets } from '#formats/netlink/ipset.ts';
import { readNftables } from '#formats/netlink/nftables.ts';
import {
  readAddresses,
  readBridgeEntries,
  readInterfaceNames,
  readLinks,
  readNeighbours,
  readRoutes,
  readRoutingRules,
} from '#formats/netlink/rtnetlink.ts';
import { readLegacyTables, readSetNames } from '#formats/xtables/index.ts';
import { type KernelReading, readKernel } from '#host/read-kernel.ts';
import { emptySnapshot } from '../../support/snapshot-builder.ts';
import { instrument } from './load-rules.ts';

/** What walks look at, from the kernel's own answers in this namespace and without starting a process; everything else of the node is missing. */
export function snapshotOfNode(): Snapshot {
  const left = missing('', 'not part of the judge');
  const kernel = readKernel();
  const bytes = (path: string): Uint8Array => bytesOf(kernel, path);
  const setNames = must(readSetNames(bytes('netlink/ipset'), 'netlink/ipset'));
  const names = must(readInterfaceNames(bytes('netlink/link'), 'netlink/link'));
  const legacy = (family: Family): Reading<Ruleset> =>
    reading(readLegacyTables(bytes(`netlink/legacy-${family}`), { family, source: `netlink/legacy-${family}`, setNames }));
  const rulesets = { legacy: { ip: legacy('ip'), ip6: legacy('ip6') }, nft: { ip: left, ip6: left } };
  return {
    ...emptySnapshot,
    node: 'judge',
    capturedAt: null,
    collector: 'packet judge',
    kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    rulesets,
    kernelRules: {
      legacy: rulesets.legacy,
      nft: read(withoutInstrument(must(readNftables(bytes('netlink/nftables'), 'netlink/nftables', setNames))), 'netlink/nftables'),
    },
    ipsets: reading(readIpsets(bytes('netlink/ipset'), 'netlink/ipset')),
    links: reading(readLinks(bytes('netlink/link'), 'netlink/link')),
    addresses: reading(readAddresses(bytes('netlink/addr'), 'netlink/addr', names)),
    routes: reading(readRoutes(bytes('netlink/route'), 'netlink/route', names)),
    routingRules: reading(readRoutingRules(bytes('netlink/rule'), 'netlink/rule')),
    neighbours: reading(readNeighbours(bytes('netlink/neigh'), 'netlink/neigh', names)),
    bridgeEntries: reading(readBridgeEntries(bytes('netlink/neigh'), 'netlink/neigh', names)),
    sysctls: sysctls(),
  };
}

/** Nothing where the kernel shows that there is nothing. */
function bytesOf({ files, proven, missing: lacking }: KernelReading, path: string): Uint8Array {
  const found = files.get(path);
  if (found !== undefined) return found;
  if (proven.some((each) => each.path === path)) return new Uint8Array();
  throw new Error(`${path}: ${lacking.find((each) => each.path === path)?.because ?? 'not read'}`);
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

const reading = <T>(result: Result<T>): Reading<T> => read(must(result), '');

/** The judge's own table watches only. */
function withoutInstrument(ruleset: NftRuleset): NftRuleset {
  return { ...ruleset, tables: ruleset.tables.filter(({ name }) => name !== instrument) };
}

const ofInterface = {
  ipv4: [
    'rp_filter',
    'forwarding',
    'accept_local',
    'route_localnet',
    'src_valid_mark',
    'send_redirects',
    'bc_forwarding',
    'ignore_routes_with_linkdown',
  ],
  ipv6: ['forwarding', 'force_forwarding', 'disable_ipv6', 'ignore_routes_with_linkdown', 'use_oif_addrs_only'],
} as const;

function sysctls(): Snapshot['sysctls'] {
  const names = [
    'net/ipv4/ip_forward',
    'net/ipv4/fib_multipath_use_neigh',
    'net/netfilter/nf_conntrack_tcp_loose',
    'net/netfilter/nf_conntrack_checksum',
    'net/bridge/bridge-nf-call-iptables',
    'net/bridge/bridge-nf-call-ip6tables',
  ];
  for (const version of ['ipv4', 'ipv6'] as const)
    for (const each of readdirSync(`/proc/sys/net/${version}/conf`))
      names.push(...ofInterface[version].map((name) => `net/${version}/conf/${each}/${name}`));
  // Not every kernel has each: force_forwarding is of Linux 6.17, those of bridges and conntrack come with their modules.
  const there = names.filter((name) => existsSync(`/proc/sys/${name}`));
  return new Map(
    there.map((name) => {
      const value = readFileSync(`/proc/sys/${name}`, 'utf8').trim();
      return [name.replaceAll('/', '.'), { value, at: { source: `sysctl/${name}`, line: 1 }, text: value }];
    }),
  );
}

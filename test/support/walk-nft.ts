import { openWalker } from '#engines/packet-walk/index.ts';
import { type Address, parseAddress } from '#facts/address.ts';
import type { NftChain, NftElement, NftExpression, NftHook, NftRule, NftRuleset, NftSet, NftTable } from '#facts/nft.ts';
import type { PacketWalk, Probe } from '#facts/packet-walk.ts';
import { read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { snapshotOfDumps } from '../kernel/packet-judge/snapshot-of-dumps.ts';

const route = (dst: string, dev: string, type = 'unicast', table = 'main') => ({ dst, dev, type, table, flags: [] });
const links = ['lo', 'eth0', 'cali1', 'br0'];
const dumps = {
  'net/link': JSON.stringify(
    links.map((ifname) => ({
      ifname,
      mtu: 1500,
      flags: ['UP', 'LOWER_UP'],
      linkinfo: ifname === 'lo' ? {} : { info_kind: ifname === 'br0' ? 'bridge' : 'veth' },
    })),
  ),
  'net/addr': JSON.stringify([
    { ifname: 'eth0', addr_info: [{ local: '192.168.0.1', prefixlen: 24, scope: 'global' }] },
    { ifname: 'cali1', addr_info: [{ local: 'fd00::1', prefixlen: 64, scope: 'global' }] },
  ]),
  'net/route4': JSON.stringify([
    route('10.0.0.0/24', 'cali1'),
    route('192.168.0.0/24', 'eth0'),
    route('192.168.0.1', 'eth0', 'local', 'local'),
    route('192.168.0.255', 'eth0', 'broadcast', 'local'),
  ]),
  'net/route6': JSON.stringify([
    route('fd00::/64', 'cali1'),
    route('fd01::/64', 'eth0'),
    route('fd00::1', 'cali1', 'local', 'local'),
    route('fd02::/64', 'lo', 'blackhole'),
  ]),
  'net/rule4': JSON.stringify([
    { priority: 0, src: 'all', table: 'local' },
    { priority: 32766, src: 'all', table: 'main' },
  ]),
  'net/rule6': JSON.stringify([
    { priority: 0, src: 'all', table: 'local' },
    { priority: 32766, src: 'all', table: 'main' },
  ]),
  'sysctl/net/ipv4/ip_forward': '1',
  'sysctl/net/ipv6/conf/all/forwarding': '1',
  ...Object.fromEntries(['all', ...links].map((name) => [`sysctl/net/ipv4/conf/${name}/rp_filter`, '0'])),
};

export const address = (text: string): Address => parseAddress(text) as Address;

/** 192.168.0.9:1000 on eth0 -> 10.0.0.2:80 by cali1, a SYN of 60 bytes. */
export const tcp: Probe = {
  from: address('192.168.0.9'),
  to: address('10.0.0.2'),
  protocol: 6,
  fromPort: 1000,
  toPort: 80,
  inInterface: 'eth0',
  icmp: null,
  tcpFlags: null,
  state: 'NEW',
  mark: 0,
  length: 60,
};
export const udp: Probe = { ...tcp, protocol: 17, toPort: 53 };
export const ping: Probe = { ...tcp, protocol: 1, fromPort: null, toPort: null, length: 84 };
export const gre: Probe = { ...ping, protocol: 47 };
export const tcp6: Probe = { ...tcp, from: address('fd01::9'), to: address('fd00::2'), length: 80 };

export const setOf = (name: string, change: Partial<NftSet>): NftSet => {
  const elements = change.elements ?? [];
  return {
    name,
    handle: 1,
    anonymous: false,
    map: null,
    interval: elements.some(({ last }) => last !== null),
    dynamic: false,
    timeout: false,
    keyFields: [4],
    keyLength: 4,
    dataLength: 0,
    size: null,
    line: 1,
    elementCount: elements.length,
    elements,
    ...change,
  };
};

export const element = (key: readonly number[], change: Partial<NftElement> = {}): NftElement => ({
  key: Uint8Array.from(key),
  last: null,
  verdict: null,
  data: null,
  expires: null,
  stateful: false,
  catchall: false,
  ...change,
});

export const ruleOf = (expressions: readonly NftExpression[], index = 1): NftRule => ({
  index,
  handle: index,
  expressions,
  comment: null,
  text: expressions.map(({ kind }) => kind).join(' '),
  line: index,
  packets: null,
  bytes: null,
});

export interface NftScene {
  readonly hook?: Partial<NftHook>;
  readonly sets?: readonly NftSet[];
  /** Further chains, by name. */
  readonly chains?: Readonly<Record<string, readonly (readonly NftExpression[])[]>>;
  readonly policy?: 'accept' | 'drop';
  readonly littleEndian?: boolean;
  readonly origin?: NftRuleset['origin'];
  /** Something that needs conntrack stands in the ruleset, so that it is on. */
  readonly tracks?: boolean;
  /** A rule of a nat chain in PREROUTING. */
  readonly natBefore?: readonly NftExpression[];
}

const chainOf = (
  name: string,
  rules: readonly (readonly NftExpression[])[],
  base: NftHook | null,
  policy: NftChain['policy'],
): NftChain => ({
  name,
  handle: 1,
  base,
  policy,
  packets: null,
  bytes: null,
  line: 1,
  ruleCount: rules.length,
  rules: rules.map((expressions, i) => ruleOf(expressions, i + 1)),
  jumps: null,
});

export function snapshotOfNft(rules: readonly (readonly NftExpression[])[], scene: NftScene): Snapshot {
  const base: NftHook = { hook: 'forward', type: 'filter', priority: 0, devices: [], ...scene.hook };
  const ct: NftExpression = { kind: 'ct', key: 'state', direction: null, to: 0 };
  const chains = [
    chainOf('base', rules, base, scene.policy ?? 'accept'),
    ...Object.entries(scene.chains ?? {}).map(([name, each]) => chainOf(name, each, null, null)),
    ...(scene.natBefore === undefined
      ? []
      : [chainOf('nat', [scene.natBefore], { hook: 'prerouting', type: 'nat', priority: -100, devices: [] }, 'accept')]),
    ...(scene.tracks ? [chainOf('unreached', [[ct]], null, null)] : []),
  ];
  const table: NftTable = {
    family: 'inet',
    name: 't',
    dormant: false,
    chains: new Map(chains.map((chain) => [chain.name, chain])),
    sets: new Map((scene.sets ?? []).map((set) => [set.name, set])),
    flowtables: [],
    line: 1,
  };
  const ruleset: NftRuleset = {
    source: 'netlink/nftables',
    origin: scene.origin ?? 'kernel',
    littleEndian: scene.littleEndian ?? true,
    generation: 1,
    tables: [table],
    unreadable: [],
  };
  const snapshot = snapshotOfDumps(dumps);
  return { ...snapshot, kernelRules: { ...snapshot.kernelRules, nft: read(ruleset, '') } };
}

export function walkNft(rules: readonly (readonly NftExpression[])[], probe: Probe = tcp, scene: NftScene = {}): PacketWalk {
  return openWalker(snapshotOfNft(rules, scene)).walk(probe);
}

export const drop: NftExpression = { kind: 'verdict', verdict: { kind: 'drop' } };

/** Whether a rule of these expressions and a drop matches the packet: yes, no, depends, or the gap that leaves it open. */
export function matches(expressions: readonly NftExpression[], probe: Probe = tcp, scene: NftScene = {}): string {
  const { request, undecided } = walkNft([[...expressions, drop]], probe, scene);
  if (request.verdict === 'dropped') return 'yes';
  if (request.verdict === 'delivered') return 'no';
  return request.because === 'outcome-depends' ? 'depends' : (undecided[0]?.because ?? 'undecided');
}

export const bytes = (...list: readonly number[]): Uint8Array => Uint8Array.from(list);

/** A load into the first register and a comparison with its value. */
export const compared = (
  load: NftExpression,
  value: readonly number[],
  op: 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte' = 'eq',
): readonly NftExpression[] => [load, { kind: 'compare', op, from: 0, value: Uint8Array.from(value) }];

export const payload = (base: 'network' | 'transport' | 'link' | 'inner', offset: number, length: number, to = 0): NftExpression => ({
  kind: 'payload',
  base,
  offset,
  length,
  to,
});
export const meta = (key: string, to = 0): NftExpression => ({ kind: 'meta', key, to });
export const masked = (mask: readonly number[], xor: readonly number[] = mask.map(() => 0)): NftExpression => ({
  kind: 'bitwise',
  from: 0,
  to: 0,
  length: mask.length,
  mask: Uint8Array.from(mask),
  xor: Uint8Array.from(xor),
});

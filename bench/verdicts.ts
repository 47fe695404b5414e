import { openWalker, type Walker } from '#engines/packet-walk/index.ts';
import { type Address, parseAddress, parsePrefix } from '#facts/address.ts';
import { instant } from '#facts/instant.ts';
import type { InterfaceAddress, Route, RoutingRule } from '#facts/network.ts';
import type { Probe } from '#facts/packet-walk.ts';
import { missing, read } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { serviceAt } from './kube-proxy-rules.ts';
import type { WalkReport } from './report.ts';

const at = { source: 'bench', line: 1 };
const none = missing('bench', 'not part of this measurement');
const seconds = 3;
const missShare = 0.1;
/** In the services' range, and no service. */
const noService = parsed('10.111.0.1');

/** Opens a walker and asks it about connections from random pods to random services, a tenth of which do not exist. */
export function verdictsPerSecond(ruleset: Ruleset): WalkReport {
  const { services, pods } = addressesIn(ruleset);
  const snapshot = snapshotWith(ruleset);
  const random = randomNumbers(20260101);
  const next = (): Probe => {
    const to = random() < missShare ? noService : pick(services, random);
    return probe(pick(pods, random), to);
  };
  const opened = performance.now();
  const walker = openWalker(snapshot);
  const openMilliseconds = performance.now() - opened;
  const started = performance.now();
  demandDecided(walker, next());
  const firstMilliseconds = performance.now() - started;
  return { openMilliseconds, firstMilliseconds, perSecond: rate(walker, next) };
}

function rate(walker: Walker, next: () => Probe): number {
  let walks = 0;
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    demandDecided(walker, next());
    walks++;
  }
  return (walks * 1000) / (performance.now() - start);
}

/** A walker that gives up quickly would look fast. A service that was found has three equally likely ways, a miss is delivered as it is. */
function demandDecided(walker: Walker, asked: Probe): void {
  const { request } = walker.walk(asked);
  const ways = asked.to === noService ? 0 : 3;
  if (request.verdict !== 'delivered' || (request.outcomes?.length ?? 0) !== ways)
    throw new Error(`a probe was ${request.verdict} with ${request.outcomes?.length ?? 0} outcomes, expected delivered with ${ways}`);
}

/** From the generator, not from the rules: nothing is decoded before the walker asks for it. */
function addressesIn(ruleset: Ruleset): { readonly services: readonly Address[]; readonly pods: readonly Address[] } {
  const names = [...(ruleset.tables.get('nat')?.chains.keys() ?? [])].filter((name) => name.startsWith('KUBE-SVC-'));
  const services = names.map((_, index) => serviceAt(index));
  return {
    services: services.map(({ clusterIp }) => parsed(clusterIp)),
    pods: services.flatMap(({ endpoints }) => endpoints.map(parsed)),
  };
}

function probe(from: Address, to: Address): Probe {
  return { from, to, protocol: 6, fromPort: 40_000, toPort: 80, inInterface: 'pods', icmp: null, tcpFlags: null, state: 'NEW', mark: 0 };
}

/** A node with one interface to all pods and one to the world; nothing else is asked of it. */
function snapshotWith(ruleset: Ruleset): Snapshot {
  const empty = (backend: 'nft' | 'legacy', family: 'ip' | 'ip6') =>
    read<Ruleset>({ backend, family, source: 'empty', tables: new Map(), unreadable: [] }, 'empty');
  return {
    node: 'bench',
    capturedAt: instant(0),
    collector: 'bench',
    kernel: null,
    versions: new Map(),
    notes: [],
    gaps: [],
    rulesets: {
      nft: { ip: read(ruleset, ruleset.source), ip6: empty('nft', 'ip6') },
      legacy: { ip: empty('legacy', 'ip'), ip6: empty('legacy', 'ip6') },
    },
    kernelRules: { legacy: { ip: missing('', 'bench'), ip6: missing('', 'bench') }, nft: missing('', 'bench') },
    nftListing: missing('', 'bench'),
    nativeChains: read([], 'bench'),
    ipsets: read(new Map(), 'bench'),
    iptablesCommand: read('nft', 'bench'),
    links: read([], 'bench'),
    addresses: read([address('eth0', '192.0.2.10', 24)], 'bench'),
    routes: read([route('10.244.0.0/14', 'pods'), route('0.0.0.0/0', 'eth0')], 'bench'),
    routingRules: read([mainTable], 'bench'),
    neighbours: none,
    sysctls: forwarding,
    pids: none,
    tasks: none,
    processes: none,
    counters: new Map(),
    logs: [],
    pods: none,
    services: none,
    events: none,
    nodes: none,
    daemonSets: none,
    felixConfigurations: none,
    packets: none,
  };
}

const forwarding: Snapshot['sysctls'] = new Map(
  ['ip_forward', ...['all', 'pods', 'eth0'].flatMap((name) => [`conf.${name}.rp_filter`, `conf.${name}.forwarding`])].map((name) => [
    `net.ipv4.${name}`,
    { value: name.endsWith('rp_filter') ? '0' : '1', at, text: '' },
  ]),
);

const mainTable: RoutingRule = {
  family: 'ip',
  priority: 32766,
  table: 'main',
  action: 'lookup',
  from: null,
  to: null,
  mark: null,
  inInterface: null,
  outInterface: null,
  inverted: false,
  unmodelled: '',
  at,
};

function route(destination: string, name: string): Route {
  const prefix = parsePrefix(destination);
  if (prefix === null) throw new Error(destination);
  return {
    family: 'ip',
    type: 'unicast',
    destination: prefix,
    table: 'main',
    interface: name,
    gateway: null,
    source: null,
    scope: null,
    metric: 0,
    flags: [],
    multipath: false,
    at,
  };
}

function address(name: string, text: string, bits: number): InterfaceAddress {
  return { interface: name, address: parsed(text), bits, scope: 'global', broadcast: null, peer: null, at };
}

function parsed(text: string): Address {
  const found = parseAddress(text);
  if (found === null) throw new Error(text);
  return found;
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** mulberry32: the same probes in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

import { type Address, type Family, prefixContains, sameAddress } from '#facts/address.ts';
import type { InterfaceAddress, Link, Route, RoutingRule } from '#facts/network.ts';
import type { Reading } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';

/** What the FIB is asked. */
export interface RouteQuery {
  readonly destination: Address;
  readonly source: Address | null;
  readonly inInterface: string | null;
  readonly mark: number;
}

/** `missing`: the snapshot cannot answer. `none`: no route. */
export type RouteAnswer =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'none' }
  | { readonly kind: 'missing'; readonly because: string };

/** The kernel's forwarding table as the snapshot has it: policy rules by priority, tables by longest prefix and least metric. */
export class Routing {
  readonly links: Reading<readonly Link[]>;
  readonly addresses: Reading<readonly InterfaceAddress[]>;
  readonly #routes: Reading<readonly Route[]>;
  readonly #rules: Reading<readonly RoutingRule[]>;
  readonly #tables = new Map<string, readonly Route[]>();
  readonly #cache = new Map<string, Route | null>();

  constructor(snapshot: Snapshot) {
    this.links = snapshot.links;
    this.addresses = snapshot.addresses;
    this.#routes = snapshot.routes;
    this.#rules = snapshot.routingRules;
    if (snapshot.routes.kind === 'missing') return;
    for (const [name, routes] of Map.groupBy(snapshot.routes.value, (route) => `${route.family} ${route.table}`)) {
      // The kernel sorts a prefix's routes by metric; equal ones stand in the order that they were added.
      this.#tables.set(
        name,
        routes.toSorted((a, b) => (b.destination.bits ?? 0) - (a.destination.bits ?? 0) || a.metric - b.metric),
      );
    }
  }

  lookup(query: RouteQuery): RouteAnswer {
    if (this.#routes.kind === 'missing') return this.#routes;
    if (this.#rules.kind === 'missing') return this.#rules;
    const { family } = query.destination;
    for (const rule of this.#rules.value.filter((each) => each.family === family).toSorted((a, b) => a.priority - b.priority)) {
      const fits = ruleFits(rule, query);
      if (fits === 'unknown')
        return { kind: 'missing', because: `routing rule ${rule.priority} has selectors that are not modelled: ${rule.unmodelled}` };
      if (!fits) continue;
      if (rule.action !== 'lookup' && rule.action !== 'to_tbl') {
        if (rule.action === 'nop') continue;
        return { kind: 'missing', because: `routing rule ${rule.priority} has action ${rule.action}` };
      }
      const route = rule.table === null ? null : this.inTable(family, rule.table, query.destination);
      const special = route?.flags.find((flag) => flag === 'from' || flag === 'encap');
      if (special !== undefined) return { kind: 'missing', because: `the route has '${special}', which is not modelled` };
      if (route?.multipath) return { kind: 'missing', because: 'the route has several next hops, and a hash chooses' };
      if (route !== null && route.type !== 'throw') return { kind: 'route', route };
    }
    return { kind: 'none' };
  }

  /** A route with a TOS is none for packets without one (fib_table_lookup in net/ipv4/fib_trie.c). */
  inTable(family: Family, table: string, destination: Address): Route | null {
    const key = `${table} ${family} ${destination.words.join('.')}`;
    let found = this.#cache.get(key);
    if (found === undefined) {
      const usable = (route: Route): boolean =>
        prefixContains(route.destination, destination) &&
        !route.flags.some((flag) => flag === 'dead' || flag === 'tos') &&
        route.destination.bits !== null;
      found = this.#tables.get(`${family} ${table}`)?.find(usable) ?? null;
      if (this.#cache.size > 100_000) this.#cache.clear();
      this.#cache.set(key, found);
    }
    return found;
  }

  /** Whether the node itself owns the address; null where the snapshot cannot tell. */
  isLocal(address: Address): boolean | null {
    if (this.#routes.kind === 'missing') return null;
    return this.inTable(address.family, 'local', address)?.type === 'local';
  }

  link(name: string): Link | null {
    return this.links.kind === 'read' ? (this.links.value.find((each) => each.name === name) ?? null) : null;
  }

  /** A bridge, or of unknown kind: `ip -d` names the kinds of all but physical devices, so that a snapshot without any kind says nothing. */
  mayBridge(name: string): boolean {
    if (name === 'lo') return false;
    return this.links.kind === 'missing' || this.link(name)?.kind === 'bridge' || this.links.value.every(({ kind }) => kind === null);
  }

  /** kube-proxy's device for the addresses of services in IPVS mode. */
  get hasIpvs(): boolean {
    return this.link('kube-ipvs0') !== null;
  }

  /** Null where the snapshot cannot tell. */
  hasAddress(family: Family, onInterface: string): boolean | null {
    if (this.addresses.kind === 'missing') return null;
    return this.addresses.value.some((each) => each.address.family === family && each.interface === onInterface);
  }

  /** Whether a policy rule looks at marks. */
  looksAtMarks(family: Family): boolean {
    return this.#rules.kind === 'read' && this.#rules.value.some((rule) => rule.family === family && rule.mark !== null);
  }

  /** Whether a policy rule looks at the interface that a packet came in on. */
  looksAtInterfaces(family: Family): boolean {
    return this.#rules.kind === 'read' && this.#rules.value.some((rule) => rule.family === family && rule.inInterface !== null);
  }

  /**
   * The address that MASQUERADE takes on an interface: its first global one, preferably in the next hop's subnet, else one of another
   * interface (inet_select_addr in net/ipv4/devinet.c). Null: unknown; `'none'`: there is none, and the packet is dropped.
   */
  masqueradeAddress(family: Family, outInterface: string, nextHop: Address): Address | 'none' | null {
    if (this.addresses.kind === 'missing') return null;
    const global = this.addresses.value.filter(({ address, scope }) => address.family === family && scope === 'global');
    const own = global.filter((each) => each.interface === outInterface);
    // RFC 6724 rule 1: an address of the node itself is reached from that address.
    const same = family === 'ip6' ? global.find(({ address }) => sameAddress(address, nextHop)) : undefined;
    if (same !== undefined) return same.address;
    const near = own.find(({ address, bits }) => sharesPrefix(address, nextHop, bits));
    const candidates = own.length > 0 ? own : global;
    if (family === 'ip6' && near === undefined && candidates.length > 1) return null;
    return (near ?? candidates[0])?.address ?? 'none';
  }
}

function sharesPrefix(a: Address, b: Address, bits: number): boolean {
  const width = a.family === 'ip' ? 32 : 128;
  if (bits === width) return sameAddress(a, b);
  return a.words.every((word, i) => {
    const here = Math.min(32, Math.max(0, bits - i * 32));
    return here === 0 || word >>> (32 - here) === (b.words[i] as number) >>> (32 - here);
  });
}

function ruleFits(rule: RoutingRule, query: RouteQuery): boolean | 'unknown' {
  const from = rule.from === null || rule.from.bits === 0 || (query.source !== null && prefixContains(rule.from, query.source));
  const to = rule.to === null || prefixContains(rule.to, query.destination);
  const mark = rule.mark === null || (query.mark & rule.mark.mask) >>> 0 === rule.mark.value;
  const inInterface = rule.inInterface === null || rule.inInterface === (query.inInterface ?? 'lo');
  const fits = from && to && mark && inInterface && rule.outInterface === null;
  if (fits !== rule.inverted && rule.unmodelled !== '') return 'unknown';
  return fits !== rule.inverted;
}

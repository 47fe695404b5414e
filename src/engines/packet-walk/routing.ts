import type { Address, Family } from '#facts/address.ts';
import type { InterfaceAddress, Link, NextHop, Route, RouteType, RoutingRule } from '#facts/network.ts';
import type { Reading } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { isLimitedBroadcast, isMulticast, isUnspecified } from './routing/address-kinds.ts';
import { chooseRoute, hopsOf, isPlainHop, isUsableHop } from './routing/choose-route.ts';
import { FibTable } from './routing/fib-table.ts';
import { hasCustomRules, insideLocal } from './routing/local-and-main.ts';
import { OwnAddresses } from './routing/own-addresses.ts';
import { type PolicyRule, policyRule } from './routing/policy-rule.ts';
import type { RouteAnswer, RouteQuery } from './routing/route-query.ts';
import { dependsOnLittle, WatchedQuery } from './routing/watched-query.ts';
import { Settings } from './way/settings.ts';

export type { RouteAnswer, RouteQuery } from './routing/route-query.ts';

/** Whether local routes or rules were made by hand; `unknown`: they may have been, and be gone. */
export type Custom = boolean | 'unknown';

/** Destinations of which the answer is remembered. */
const maxAnswers = 65_536;

/** The kernel's forwarding table as the snapshot has it: policy rules by priority, tables by longest prefix and least metric. */
export class Routing {
  readonly links: Reading<readonly Link[]>;
  readonly addresses: Reading<readonly InterfaceAddress[]>;
  readonly #routes: Reading<readonly Route[]>;
  readonly #rules: Reading<readonly RoutingRule[]>;
  readonly #tables = new Map<string, FibTable>();
  readonly #policy: Readonly<Record<Family, readonly PolicyRule[]>>;
  readonly #links: ReadonlyMap<string, Link>;
  readonly #custom: Readonly<Record<Family, boolean>>;
  /** Routes of main that come before wider ones of local for as long as the two are one table. */
  readonly #insideLocal: FibTable;
  readonly #settings: Settings;
  /** Null: not in the snapshot. */
  readonly #own: OwnAddresses | null;
  readonly #answers = new Map<number, RouteAnswer>();
  #byHand: Custom | undefined;

  constructor(snapshot: Snapshot) {
    this.links = snapshot.links;
    this.addresses = snapshot.addresses;
    this.#routes = snapshot.routes;
    this.#rules = snapshot.routingRules;
    this.#settings = new Settings(snapshot);
    this.#own = snapshot.addresses.kind === 'missing' ? null : new OwnAddresses(snapshot.addresses.value, snapshot.links, this.#settings);
    this.#links = new Map(snapshot.links.kind === 'missing' ? [] : snapshot.links.value.map((link) => [link.name, link]));
    const routes = snapshot.routes.kind === 'missing' ? [] : snapshot.routes.value;
    for (const [name, own] of Map.groupBy(routes, (route) => `${route.family} ${route.table}`)) this.#tables.set(name, new FibTable(own));
    this.#insideLocal = new FibTable(insideLocal(routes));
    this.#policy = { ip: this.#policyOf('ip'), ip6: this.#policyOf('ip6') };
    this.#custom = { ip: hasCustomRules(this.#policy.ip.map(({ rule }) => rule)), ip6: true };
  }

  #policyOf(family: Family): readonly PolicyRule[] {
    const rules = this.#rules.kind === 'missing' ? [] : this.#rules.value.filter((rule) => rule.family === family);
    const hasVrf = this.links.kind === 'missing' ? null : this.links.value.some(({ kind }) => kind === 'vrf');
    return rules
      .toSorted((a, b) => a.priority - b.priority)
      .map((rule) => policyRule(rule, rule.table === null ? null : (this.#tables.get(`${family} ${rule.table}`) ?? null), hasVrf));
  }

  /** Answers that nothing but the destination decided are remembered by it. */
  lookup(query: RouteQuery): RouteAnswer {
    if (!dependsOnLittle(query)) return this.#lookup(query);
    const word = query.destination.words[0] as number;
    const known = this.#answers.get(word);
    if (known !== undefined) return known;
    const watched = new WatchedQuery(query);
    const answer = this.#lookup(watched);
    if (!watched.isLookedAt) {
      if (this.#answers.size >= maxAnswers) this.#answers.clear();
      this.#answers.set(word, answer);
    }
    return answer;
  }

  /** The answer for what goes to an address of IPv4, where nothing but the address decides; null: not known, or there is more to it. */
  byDestination(destination: Address): Extract<RouteAnswer, { readonly kind: 'route' }> | null {
    const query = { destination, source: null, inInterface: null, mark: 0 };
    const word = destination.words[0] as number;
    if (!this.#answers.has(word)) this.lookup(query);
    const known = this.#answers.get(word);
    return known?.kind === 'route' ? known : null;
  }

  /** Rules of policy routing for IPv4 were made by hand: routes may depend on more than the destination. */
  get hasPolicy(): boolean {
    return this.#custom.ip;
  }

  /** fib_rules_lookup in net/core/fib_rules.c. */
  #lookup(query: RouteQuery): RouteAnswer {
    if (this.#routes.kind === 'missing') return notThere(this.#routes);
    if (this.#rules.kind === 'missing') return notThere(this.#rules);
    const rules = this.#policy[query.destination.family];
    for (let i = 0; i < rules.length; i++) {
      const each = rules[i] as PolicyRule;
      const fits = each.fits(query);
      if (typeof fits === 'string') return { kind: 'missing', because: fits };
      if (!fits || each.words.isNop || each.rule.action === 'nop') continue;
      if (each.words.goTo !== null) {
        const target = rules.findIndex(({ rule }, at) => at > i && rule.priority === each.words.goTo);
        if (target > i) i = target - 1;
        continue;
      }
      const answer = this.#answerOf(each, query);
      if (answer !== null) return answer;
    }
    return { kind: 'none' };
  }

  /** Null: the next rule is asked. */
  #answerOf({ refuses, strange, table, rule, words }: PolicyRule, query: RouteQuery): RouteAnswer | null {
    if (refuses !== null) return { kind: 'route', route: refuses };
    if (strange !== null) return { kind: 'missing', because: strange };
    const route = table === null ? null : this.#find(table, query);
    if (typeof route === 'string') return { kind: 'missing', because: route };
    if (route === null || route.type === 'throw') return null;
    const accepts = route.type !== 'blackhole' && route.type !== 'unreachable' && route.type !== 'prohibit';
    if (accepts && (route.destination.bits ?? 0) <= words.suppressedBits) return null;
    if (accepts && words.suppressesGroup) return { kind: 'missing', because: "'suppress_ifgroup' of a routing rule is not modelled" };
    const inside = rule.table === 'local' && !this.#custom[query.destination.family] ? this.#find(this.#insideLocal, query) : null;
    return inside === null ? { kind: 'route', route } : { kind: 'missing', because: oneTable };
  }

  #find(table: FibTable, query: RouteQuery): Route | string | null {
    return table.find(query.destination, (routes) => chooseRoute(routes, query, this.#ignoresLinkdown));
  }

  readonly #ignoresLinkdown = ({ family }: Route, name: string | null): boolean | null => {
    const own = (each: string): number | null =>
      this.#settings.at(`net.${family === 'ip' ? 'ipv4' : 'ipv6'}.conf.${each}.ignore_routes_with_linkdown`);
    // IPv4 takes `all` or the interface's own, IPv6 its own only (ip6_ignore_linkdown).
    const [all, of] = [family === 'ip' ? own('all') : 0, name === null ? 0 : own(name)];
    return all === 1 || of === 1 ? true : all === null || of === null ? null : false;
  };

  /** The next hops of a route that this packet may take, with their weights; a string: why nobody can tell. */
  usableHops(route: Route, query: RouteQuery): ReturnType<typeof hopsOf> | string {
    const hops = hopsOf(route);
    if (hops.length === 1 && isPlainHop(hops[0] as NextHop, query)) return hops;
    const usable = hops.map((hop) => ({ hop, usable: isUsableHop(route, hop, query, this.#ignoresLinkdown) }));
    const open = usable.find((each) => typeof each.usable === 'string')?.usable;
    if (typeof open === 'string') return open;
    return usable.filter((each) => each.usable === true).map(({ hop }) => hop);
  }

  /** A route of one table, whatever the policy rules say. */
  inTable(family: Family, table: string, destination: Address): Route | null {
    const found = this.#tables.get(`${family} ${table}`);
    const query = { destination, source: null, inInterface: null, mark: 0, ignoresLinkState: true };
    const route = found === undefined ? null : this.#find(found, query);
    return typeof route === 'string' ? null : route;
  }

  /** Whether the node itself owns the address; null where the snapshot cannot tell. */
  isLocal(address: Address): boolean | null {
    if (this.#routes.kind === 'missing') return null;
    return this.inTable(address.family, 'local', address)?.type === 'local';
  }

  /**
   * The type of an IPv4 address by the table local, as of an interface where one is named (inet_dev_addr_type in net/ipv4/fib_frontend.c). A string:
   * why nobody can tell.
   */
  addressType(address: Address, onInterface: string | null): RouteType | { readonly because: string } {
    if (this.#routes.kind === 'missing') return notThere(this.#routes);
    if (isUnspecified(address) || isLimitedBroadcast(address)) return 'broadcast';
    if (isMulticast(address)) return 'multicast';
    const query = { destination: address, source: null, inInterface: null, mark: 0 };
    const route = this.inTable(address.family, 'local', address);
    const inside = this.#custom.ip ? null : this.#find(this.#insideLocal, query);
    if (inside !== null && route !== null) return { because: oneTable };
    // What refuses is an error of the look-up, which leaves the type as it was.
    if (route === null || (onInterface !== null && hopsOf(route)[0]?.interface !== onInterface)) return 'unicast';
    return ['blackhole', 'unreachable', 'prohibit', 'throw', 'other'].includes(route.type) ? 'unicast' : route.type;
  }

  link(name: string): Link | null {
    return this.#links.get(name) ?? null;
  }

  /** A bridge, or of unknown kind: `ip -d` names the kinds of all but physical devices, so that a snapshot without any kind says nothing. */
  mayBridge(name: string): boolean {
    if (name === 'lo') return false;
    return this.links.kind === 'missing' || this.link(name)?.kind === 'bridge' || this.links.value.every(({ kind }) => kind === null);
  }

  /** Whether there is kube-proxy's device for the addresses of services in IPVS mode; null where the snapshot cannot tell. */
  get hasIpvs(): boolean | null {
    return this.links.kind === 'missing' ? null : this.link('kube-ipvs0') !== null;
  }

  /** Null where the snapshot cannot tell. */
  hasAddress(family: Family, onInterface: string): boolean | null {
    return this.#own === null ? null : this.#own.hasAny(family, onInterface);
  }

  /** Whether it is an address of one of the interfaces, or of this one; null where the snapshot cannot tell. */
  isConfigured(address: Address, onInterface: string | null): boolean | null {
    return this.#own === null ? null : this.#own.has(address, onInterface);
  }

  /** Whether a policy rule looks at marks. */
  looksAtMarks(family: Family): boolean {
    return this.#policy[family].some(({ rule }) => rule.mark !== null);
  }

  /** Whether a policy rule looks at the interface that a packet came in on. */
  looksAtInterfaces(family: Family): boolean {
    return this.#rules.kind === 'read' && this.#rules.value.some((rule) => rule.family === family && rule.inInterface !== null);
  }

  /**
   * Whether routes of type local or rules of policy routing were made by hand, which makes the kernel look at sources more closely
   * (fib_validate_source). It remembers those that are gone, which no snapshot shows.
   */
  get hasCustomRoutesOrRules(): Custom {
    this.#byHand ??= this.#hasByHand();
    return this.#byHand;
  }

  #hasByHand(): Custom {
    if (this.#routes.kind === 'missing') return 'unknown';
    const byHand = this.#routes.value.some(({ family, type, byKernel }) => family === 'ip' && type === 'local' && !byKernel);
    const told = this.#routes.value.some(({ byKernel }) => byKernel);
    return this.#custom.ip || (told && byHand) ? true : 'unknown';
  }

  /** The address that MASQUERADE takes on an interface. Null: unknown; `none`: there is none, and the packet is dropped. */
  masqueradeAddress(outInterface: string, nextHop: Address): Address | 'none' | null {
    return this.#own === null ? null : this.#own.sourceFor(outInterface, nextHop);
  }

  /** The address that REDIRECT takes for what comes in by an interface. */
  redirectAddress(family: Family, inInterface: string): Address | 'none' | null {
    return this.#own === null ? null : this.#own.firstOf(family, inInterface);
  }
}

const notThere = ({ source, because }: { readonly source: string; readonly because: string }) =>
  ({ kind: 'missing', because: `${source}: ${because}` }) as const;

const oneTable = 'a route of main lies inside one of local: which one counts depends on whether there ever was a rule of policy routing';

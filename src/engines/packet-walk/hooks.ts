import type { Family } from '#facts/address.ts';
import type { Undecidable } from '#facts/packet-walk.ts';
import type { Backend, Chain, Hook, Rule, Ruleset, Table } from '#facts/rule.ts';
import type { NativeChain, Snapshot } from '#facts/snapshot.ts';

/** A base chain of an iptables table at its hook. */
export interface BaseChain {
  readonly backend: Backend;
  readonly family: Family;
  readonly table: string;
  readonly chain: Chain;
  readonly chains: Table['chains'];
  readonly source: string;
}

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

const hookOfChain: Readonly<Record<string, Hook>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};
const backends: readonly Backend[] = ['nft', 'legacy'];

/** The base chains of both backends by family, hook and table, and what else runs there that we cannot follow. */
export class Hooks {
  readonly #base = new Map<string, readonly BaseChain[]>();
  readonly #gaps = new Map<string, readonly Undecidable[]>();
  readonly #tracking = new Map<Family, Tracking>();

  constructor(snapshot: Snapshot) {
    for (const family of ['ip', 'ip6'] as const) {
      const rulesets = backends.map((backend) => snapshot.rulesets[backend][family]);
      const found = rulesets.flatMap((reading) => (reading.kind === 'read' ? baseChainsOf(reading.value) : []));
      for (const [key, chains] of Map.groupBy(found, ({ hook, base }) => `${family} ${hook} ${base.table}`)) {
        this.#base.set(
          key,
          chains.map(({ base }) => base),
        );
      }
      for (const hook of Object.values(hookOfChain)) this.#gaps.set(`${family} ${hook}`, gapsAt(snapshot, family, hook));
      this.#tracking.set(family, trackingOf(snapshot, family));
    }
  }

  at(family: Family, hook: Hook, table: TableName): readonly BaseChain[] {
    return this.#base.get(`${family} ${hook} ${table}`) ?? [];
  }

  gapsAt(family: Family, hook: Hook): readonly Undecidable[] {
    return this.#gaps.get(`${family} ${hook}`) ?? [];
  }

  /** Conntrack, and with it nat, runs in a namespace only once a rule needs it (nf_ct_netns_get), even in a chain that no hook reaches. */
  tracks(family: Family): Tracking {
    return this.#tracking.get(family) ?? 'unknown';
  }
}

function baseChainsOf(ruleset: Ruleset): readonly { readonly hook: Hook; readonly base: BaseChain }[] {
  const { backend, family, source } = ruleset;
  return [...ruleset.tables.values()].flatMap((table) =>
    [...table.chains.values()].flatMap((chain) => {
      const hook = chain.policy === null ? undefined : hookOfChain[chain.name];
      return hook === undefined ? [] : [{ hook, base: { backend, family, table: table.name, chain, chains: table.chains, source } }];
    }),
  );
}

function gapsAt(snapshot: Snapshot, family: Family, hook: Hook): readonly Undecidable[] {
  const gaps: Undecidable[] = [];
  for (const backend of backends) {
    const reading = snapshot.rulesets[backend][family];
    if (reading.kind === 'missing')
      gaps.push({ backend, table: '*', chain: hook, rule: null, because: `${reading.source}: ${reading.because}` });
    else for (const { table, because } of reading.value.unreadable) gaps.push({ backend, table, chain: hook, rule: null, because });
  }
  const native = snapshot.nativeChains;
  if (native.kind === 'missing')
    return [...gaps, { backend: 'nft', table: '*', chain: hook, rule: null, because: `${native.source}: ${native.because}` }];
  for (const each of native.value) {
    if (each.inert || !runsAt(each, family, hook)) continue;
    gaps.push({
      backend: 'nft',
      table: `${each.family} ${each.table}`,
      chain: each.chain,
      rule: null,
      because: 'native nftables chains are not modelled',
    });
  }
  return gaps;
}

/** Chains of devices and bridges run before or after the IP hooks of every family; those of ARP see no IP packet. */
function runsAt({ family: own, hook: at }: NativeChain, family: Family, hook: Hook): boolean {
  if (own === 'arp') return false;
  if (own === 'bridge') return hook === 'prerouting' || hook === 'output' || hook === 'postrouting';
  if (own === 'netdev' || at === 'ingress' || at === 'egress') return hook === (at === 'egress' ? 'postrouting' : 'prerouting');
  return at === hook && (own === family || own === 'inet');
}

const trackingMatches = new Set([
  'conntrack-state',
  'conntrack-address',
  'conntrack-port',
  'conntrack-protocol',
  'conntrack-direction',
  'conntrack-status',
]);
const trackingTargets = new Set(['dnat', 'snat', 'masquerade', 'redirect', 'save-connmark', 'restore-connmark', 'set-connmark']);

/** Modules that we do not evaluate and that need conntrack all the same. */
const trackingModules = new Set(['connlimit', 'connbytes', 'connlabel', 'helper', 'cluster', 'CT', 'CONNSECMARK', 'SYNPROXY', 'NETMAP']);

/** Whether conntrack is on; `unknown` where only a rule that is not modelled, a native chain or an unread dump could have turned it on. */
type Tracking = boolean | 'unknown';

function trackingOf(snapshot: Snapshot, family: Family): Tracking {
  const chains = backends.flatMap((backend) => {
    const reading = snapshot.rulesets[backend][family];
    return reading.kind === 'read' ? [...reading.value.tables.values()].flatMap(chainsOf) : [];
  });
  if (chains.some((chain) => chain.rules.some(needsConntrack))) return true;
  const unread = snapshot.nativeChains.kind === 'missing' || backends.some((each) => snapshot.rulesets[each][family].kind === 'missing');
  const native = snapshot.nativeChains.kind === 'read' && snapshot.nativeChains.value.some(({ ruleCount }) => ruleCount > 0);
  return unread || native || chains.some((chain) => chain.rules.some(isUnmodelled)) ? 'unknown' : false;
}

const chainsOf = (table: Table): readonly Chain[] => [...table.chains.values()];

function isUnmodelled({ target, matches }: Rule): boolean {
  return target.kind === 'unmodelled' || matches.some(({ kind }) => kind === 'unmodelled');
}

function needsConntrack({ target, matches }: Rule): boolean {
  if (trackingTargets.has(target.kind) || ('name' in target && trackingModules.has(target.name))) return true;
  return matches.some(
    (match) =>
      trackingMatches.has(match.kind) ||
      (match.kind === 'mark' && match.of === 'connection') ||
      ((match.kind === 'state-dependent' || match.kind === 'unmodelled') && trackingModules.has(match.module)),
  );
}

import type { Family } from '#facts/address.ts';
import type { NftChain, NftRuleset, NftTable } from '#facts/nft.ts';
import type { Undecidable } from '#facts/packet-walk.ts';
import type { Reading } from '#facts/result.ts';
import type { Backend, Hook, Ruleset } from '#facts/rule.ts';
import type { NativeChain, Snapshot } from '#facts/snapshot.ts';
import { legacyRulesOf, nftRulesOf } from './rule-sources.ts';

/** What runs at a hook, or may, that we cannot follow: dumps that could not be read, chains of devices and bridges, flowtables. */
export function gapsAt(snapshot: Snapshot, family: Family, hook: Hook): readonly Undecidable[] {
  const nft = nftRulesOf(snapshot);
  const legacy = gapsOfRuleset(legacyRulesOf(snapshot, family), 'legacy', hook);
  if (nft.kind === 'read') return [...legacy, ...gapsOfNft(nft.value, snapshot, family, hook)];
  return [...legacy, ...gapsOfRuleset(snapshot.rulesets.nft[family], 'nft', hook), ...gapsOfNative(snapshot.nativeChains, family, hook)];
}

function gapsOfRuleset(reading: Reading<Ruleset>, backend: Backend, hook: Hook): readonly Undecidable[] {
  if (reading.kind === 'missing')
    return [{ backend, table: '*', chain: hook, rule: null, because: `${reading.source}: ${reading.because}` }];
  return reading.value.unreadable.map(({ table, because }) => ({ backend, table, chain: hook, rule: null, because }));
}

function gapsOfNative(native: Snapshot['nativeChains'], family: Family, hook: Hook): readonly Undecidable[] {
  if (native.kind === 'missing')
    return [{ backend: 'nft', table: '*', chain: hook, rule: null, because: `${native.source}: ${native.because}` }];
  return native.value
    .filter((each) => !each.inert && runsAt(each, family, hook))
    .map((each) => ({
      backend: 'nft' as const,
      table: `${each.family} ${each.table}`,
      chain: each.chain,
      rule: null,
      because: each.type === 'flowtable' ? 'flowtables are not modelled' : 'native nftables chains are known by name only',
    }));
}

/** Chains of devices and bridges run before or after the IP hooks of every family; those of ARP see no IP packet. */
function runsAt({ family: own, hook: at }: Pick<NativeChain, 'family' | 'hook'>, family: Family, hook: Hook): boolean {
  if (own === 'arp') return false;
  if (own === 'bridge') return hook === 'prerouting' || hook === 'output' || hook === 'postrouting';
  if (own === 'netdev' || at === 'ingress' || at === 'egress') return hook === (at === 'egress' ? 'postrouting' : 'prerouting');
  return at === hook && (own === family || own === 'inet');
}

function gapsOfNft({ tables, unreadable }: NftRuleset, snapshot: Snapshot, family: Family, hook: Hook): readonly Undecidable[] {
  const unread = unreadable
    .filter((each) => runsAt({ family: each.family, hook }, family, hook))
    .map(({ table, because }) => ({ backend: 'nft' as const, table, chain: hook, rule: null, because }));
  return [...unread, ...tables.flatMap((table) => gapsOfTable(table, snapshot, family, hook))];
}

function gapsOfTable(table: NftTable, snapshot: Snapshot, family: Family, hook: Hook): readonly Undecidable[] {
  const gap = (chain: string, because: string): Undecidable => ({
    backend: 'nft',
    table: `${table.family} ${table.name}`,
    chain,
    rule: null,
    because,
  });
  const flowtables = hook === 'prerouting' ? table.flowtables.map(({ name }) => gap(name, 'flowtables are not modelled')) : [];
  if (table.dormant || (table.family === 'bridge' && !mayBridge(snapshot))) return flowtables;
  const beside = [...table.chains.values()].filter((chain) => isBeside(chain, table) && runsHere(chain, table, family, hook));
  return [...flowtables, ...beside.map(({ name }) => gap(name, `chains of ${table.family} ${table.name} at ${hook} are not modelled`))];
}

function runsHere({ base }: NftChain, { family: own }: NftTable, family: Family, hook: Hook): boolean {
  return base !== null && runsAt({ family: own, hook: base.hook }, family, hook);
}

/** A base chain of devices or bridges that may do something. */
function isBeside({ base, ruleCount, policy }: NftChain, { family }: NftTable): boolean {
  if (base === null || (ruleCount === 0 && policy !== 'drop')) return false;
  return family === 'bridge' || family === 'netdev' || base.hook === 'ingress' || base.hook === 'egress';
}

function mayBridge({ links }: Snapshot): boolean {
  return links.kind === 'missing' || links.value.some(({ kind }) => kind === 'bridge');
}

import type { Family } from '#facts/address.ts';
import type { NftExpression, NftRuleset } from '#facts/nft.ts';
import type { Rule, Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { legacyRulesOf, nftRulesOf } from './rule-sources.ts';

/** Whether conntrack is on; `unknown` where only a rule that is not modelled, a native chain or an unread dump could have turned it on. */
export type Tracking = boolean | 'unknown';

const trackingMatches = new Set([
  'conntrack-state',
  'conntrack-address',
  'conntrack-port',
  'conntrack-protocol',
  'conntrack-direction',
  'conntrack-status',
  'helper',
]);
const trackingTargets = new Set([
  'dnat',
  'snat',
  'masquerade',
  'redirect',
  'netmap',
  'save-connmark',
  'restore-connmark',
  'set-connmark',
  'set-zone',
]);
/** Modules that we do not evaluate and that need conntrack all the same. */
const trackingModules = new Set(['connlimit', 'connbytes', 'connlabel', 'helper', 'cluster', 'CT', 'CONNSECMARK', 'SYNPROXY', 'NETMAP']);
const trackingExpressions: ReadonlySet<NftExpression['kind']> = new Set([
  'ct',
  'ct-set',
  'nat',
  'masquerade',
  'redirect',
  'connlimit',
  'flow-offload',
  'synproxy',
]);

/** Conntrack, and with it nat, runs for a family only once a rule needs it (nf_ct_netns_get), even in a chain that no hook reaches. */
export function trackingOf(snapshot: Snapshot, family: Family): Tracking {
  const legacy = legacyRulesOf(snapshot, family);
  const nft = nftRulesOf(snapshot);
  const listed = snapshot.rulesets.nft[family];
  const found = [
    legacy.kind === 'read' ? trackingOfRules(legacy.value) : 'unknown',
    nft.kind === 'read' ? trackingOfNft(nft.value, family) : listed.kind === 'read' ? trackingOfRules(listed.value) : 'unknown',
    ...(nft.kind === 'read' ? [] : [trackingOfNative(snapshot)]),
  ];
  return found.includes(true) ? true : found.includes('unknown') ? 'unknown' : false;
}

function trackingOfRules({ tables, unreadable }: Ruleset): Tracking {
  let unknown = unreadable.length > 0;
  for (const table of tables.values())
    for (const chain of table.chains.values())
      for (const rule of chain.rules) {
        if (needsConntrack(rule)) return true;
        unknown ||= isUnmodelled(rule);
      }
  return unknown ? 'unknown' : false;
}

function isUnmodelled({ target, matches }: Rule): boolean {
  return target.kind === 'unmodelled' || matches.some(({ kind }) => kind === 'unmodelled');
}

function needsConntrack({ target, matches }: Pick<Rule, 'target' | 'matches'>): boolean {
  if (trackingTargets.has(target.kind) || ('name' in target && trackingModules.has(target.name))) return true;
  return matches.some(
    (match) =>
      trackingMatches.has(match.kind) ||
      (match.kind === 'mark' && match.of === 'connection') ||
      ((match.kind === 'state-dependent' || match.kind === 'unmodelled') && trackingModules.has(match.module)),
  );
}

function trackingOfNft(ruleset: NftRuleset, family: Family): Tracking {
  let unknown = ruleset.unreadable.some((each) => each.family === family || each.family === 'inet');
  for (const table of ruleset.tables) {
    // Of a bridge, `ct` turns it on for both families (nf_ct_netns_get).
    if (table.family !== family && table.family !== 'inet' && table.family !== 'bridge') continue;
    for (const chain of table.chains.values())
      for (const { expressions } of chain.rules) {
        const found = trackingOfExpressions(expressions, family);
        if (found === true) return true;
        unknown ||= found === 'unknown';
      }
  }
  return unknown ? 'unknown' : false;
}

/** `dnat ip to` in an inet table needs conntrack of IPv4 only (nft_nat_init in net/netfilter/nft_nat.c). */
function trackingOfExpressions(expressions: readonly NftExpression[], family: Family): Tracking {
  let unknown = false;
  for (const each of expressions) {
    if (trackingExpressions.has(each.kind) && !(each.kind === 'nat' && each.family !== 'inet' && each.family !== family)) return true;
    if (each.kind === 'xt-match' && needsConntrack({ matches: each.matches, target: { kind: 'accept' } })) return true;
    if (each.kind === 'xt-target' && needsConntrack({ matches: [], target: each.target })) return true;
    if (each.kind === 'object' && each.type.startsWith('ct ')) return true;
    if (each.kind === 'dynset' && trackingOfExpressions(each.expressions, family) === true) return true;
    unknown ||= each.kind === 'unmodelled';
  }
  return unknown ? 'unknown' : false;
}

function trackingOfNative({ nativeChains }: Snapshot): Tracking {
  if (nativeChains.kind === 'missing') return 'unknown';
  return nativeChains.value.some(({ ruleCount, inert }) => ruleCount > 0 || !inert) ? 'unknown' : false;
}

/** TPROXY and `-m socket` put fragments together where conntrack does not (nf_defrag_ipv4_enable). */
export function hasDefragmentingRule(snapshot: Snapshot, family: Family): boolean {
  const legacy = legacyRulesOf(snapshot, family);
  const nft = nftRulesOf(snapshot);
  const listed = snapshot.rulesets.nft[family];
  const isSuch = ({ matches, target }: Pick<Rule, 'target' | 'matches'>): boolean =>
    target.kind === 'tproxy' || matches.some(({ kind }) => kind === 'socket');
  const inRules = ({ tables }: Ruleset): boolean =>
    [...tables.values()].some(({ chains }) => [...chains.values()].some(({ rules }) => rules.some(isSuch)));
  const inNft = ({ tables }: NftRuleset): boolean =>
    tables.some(
      (table) =>
        (table.family === family || table.family === 'inet') &&
        [...table.chains.values()].some(({ rules }) => rules.some(({ expressions }) => expressions.some(putsTogether))),
    );
  const putsTogether = (each: NftExpression): boolean =>
    each.kind === 'tproxy' ||
    (each.kind === 'xt-target' && each.target.kind === 'tproxy') ||
    (each.kind === 'xt-match' && each.matches.some(({ kind }) => kind === 'socket'));
  if (legacy.kind === 'read' && inRules(legacy.value)) return true;
  return nft.kind === 'read' ? inNft(nft.value) : listed.kind === 'read' && inRules(listed.value);
}

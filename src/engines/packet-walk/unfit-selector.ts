import { ownerOfRule } from '#facts/chain-owner.ts';
import type { RuleSelector } from '#facts/packet-walk.ts';
import type { Reading } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { ownerOf } from './nft/table.ts';
import { legacyRulesOf, nftRulesOf } from './rule-sources.ts';

type Field = keyof RuleSelector;

/** What a selector can name of one rule. */
type Named = Required<RuleSelector>;

/** Asked in this order for what there is instead. */
const fields: readonly Field[] = ['rule', 'chain', 'owner', 'table', 'backend'];
const maxShown = 12;

/**
 * What rules there are for a selector that fits none: `rules with owner calico, kubelet`. Null where one fits, and where rules are not in the
 * snapshot, among which one might.
 */
export function unfitSelector(snapshot: Snapshot, selector: RuleSelector): string | null {
  const given = fields.filter((field) => selector[field] !== undefined);
  const near = new Map<Field | null, Set<string>>();
  for (const rule of rulesOf(snapshot)) {
    if (rule === null) return null;
    const unfit = given.filter((field) => selector[field] !== rule[field]);
    if (unfit.length === 0) return null;
    const field = unfit.length === 1 ? (unfit[0] as Field) : null;
    const values = near.get(field) ?? new Set();
    near.set(field, values.add(String(rule[field ?? 'owner'])));
  }
  const field = given.find((each) => near.has(each)) ?? null;
  const values = [...(near.get(field) ?? [])];
  if (values.length === 0) return 'rules, of which there are none';
  const rest = values.length > maxShown ? ` and ${values.length - maxShown} more` : '';
  const others = given.filter((each) => each !== field).map((each) => `${each}=${selector[each]}`);
  const alike = field === null || others.length === 0 ? '' : `${others.join(',')} and `;
  return `rules with ${alike}${field ?? 'owner'} ${values.slice(0, maxShown).join(', ')}${rest}`;
}

/** Null: rules that are not in the snapshot. */
function* rulesOf(snapshot: Snapshot): Generator<Named | null> {
  let isMissing = false;
  for (const reading of [legacyRulesOf(snapshot, 'ip'), legacyRulesOf(snapshot, 'ip6')]) {
    isMissing ||= reading.kind === 'missing';
    yield* inRuleset(reading);
  }
  const nft = nftRulesOf(snapshot);
  if (nft.kind === 'missing') {
    isMissing = true;
    for (const family of ['ip', 'ip6'] as const) yield* inRuleset(snapshot.rulesets.nft[family]);
  } else
    for (const table of nft.value.tables)
      for (const { name: chain, rules } of table.chains.values())
        for (const rule of rules) yield { backend: 'nft', table: table.name, chain, rule: rule.index, owner: ownerOf(rule, chain) };
  if (isMissing) yield null;
}

function* inRuleset(reading: Reading<Ruleset>): Generator<Named> {
  if (reading.kind === 'missing') return;
  const { backend, tables } = reading.value;
  for (const { name: table, chains } of tables.values())
    for (const { name: chain, rules } of chains.values())
      for (const rule of rules) yield { backend, table, chain, rule: rule.index, owner: ownerOfRule(chain, rule) };
}

import type { Place } from '#facts/evidence.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { WalkChain, WalkRule } from './chain.ts';

/**
 * Where a person can read the rule: its line in the save dump, where that shows just this rule at this place; else where the walk read it, which may be a
 * message of the kernel or JSON in one line.
 */
export function citable({ rulesets }: Snapshot, chain: WalkChain, rule: WalkRule | null): Place {
  const { table } = chain;
  const own = { source: table.source, line: rule?.line ?? chain.line };
  if (table.family !== 'ip' && table.family !== 'ip6') return own;
  const dump = rulesets[table.backend][table.family];
  if (dump.kind === 'missing' || dump.value.source === table.source) return own;
  const shown = dump.value.tables.get(table.name)?.chains.get(chain.name);
  if (shown === undefined) return own;
  if (rule === null) return { source: dump.value.source, line: shown.line };
  const same = shown.rules[rule.index - 1];
  return same?.text === rule.text ? { source: dump.value.source, line: same.line } : own;
}

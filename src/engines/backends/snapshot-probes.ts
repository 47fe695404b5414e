import type { Reading } from '#facts/result.ts';
import type { Ruleset, Table } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { ProbeOutcome, ProbeOutcomes } from './probe-outcomes.ts';

/**
 * What the probes would print on this node now, rules of a mistaken Felix included: the outcome of a probe is what the
 * dump holds. Null where the snapshot cannot tell, for example for a dump that says it leaves a table out.
 */
export function probeOutcomes({ rulesets: { legacy, nft } }: Snapshot): ProbeOutcomes {
  return {
    commands: {
      'iptables-legacy-save': outcomeOf(legacy.ip),
      'ip6tables-legacy-save': outcomeOf(legacy.ip6),
      'iptables-nft-save': outcomeOf(nft.ip),
      'ip6tables-nft-save': outcomeOf(nft.ip6),
    },
    legacyTables: { ip: hasTables(legacy.ip), ip6: hasTables(legacy.ip6) },
  };
}

function outcomeOf(reading: Reading<Ruleset>): ProbeOutcome | null {
  if (reading.kind === 'missing' || reading.value.unreadable.length > 0) return null;
  const { tables } = reading.value;
  const mangle = tables.get('mangle');
  return {
    ok: true,
    rules: [...tables.values()].reduce((sum, table) => sum + rulesIn(table), 0),
    kubeHint: mangle !== undefined && showsHint(mangle),
    hintOk: true,
    kubeHintAnywhere: [...tables.values()].some(declaresHint),
  };
}

function rulesIn(table: Table): number {
  let sum = 0;
  for (const chain of table.chains.values()) sum += chain.ruleCount;
  return sum;
}

const hints = ['KUBE-IPTABLES-HINT', 'KUBE-KUBELET-CANARY'];

/** Felix looks for the names anywhere in the text of the table, so a longer name or a comment counts too. */
function showsHint(table: Table): boolean {
  const holds = (text: string): boolean => hints.some((hint) => text.includes(hint));
  if (holds(table.name)) return true;
  for (const chain of table.chains.values()) {
    if (holds(chain.name) || chain.rules.some((rule) => holds(rule.text))) return true;
  }
  return false;
}

/** iptables-wrappers looks for declarations of chains that begin with the names. */
function declaresHint(table: Table): boolean {
  for (const name of table.chains.keys()) if (hints.some((hint) => name.startsWith(hint))) return true;
  return false;
}

function hasTables(reading: Reading<Ruleset>): boolean | null {
  return reading.kind === 'read' ? reading.value.tables.size > 0 : null;
}

import type { Chain, Rule, Ruleset, Table } from '#facts/rule.ts';
import { type Editing, editRules, readRule, refusal } from './edit-chain.ts';
import type { RuleCommand } from './read-command.ts';
import { isStandard, standardChains } from './standard-chains.ts';

/** The ruleset after a command, or why it cannot be done. Tables that are not there come with their base chains, as iptables makes them. */
export function editRuleset(ruleset: Ruleset, command: RuleCommand): Ruleset | string {
  const { table: tableName, chain: name, action } = command;
  const table = ruleset.tables.get(tableName) ?? newTable(tableName);
  if (table === null) return `table ${tableName}, which iptables does not have`;
  const chain = table.chains.get(name) ?? (isStandard(tableName, name) ? emptyChain(name, 'ACCEPT') : undefined);
  const refused = refusal(command, chain && chain.policy !== null);
  if (refused !== null) return refused;
  if (chain === undefined) return withChain(ruleset, table, emptyChain(name, null));
  if (action.kind === 'policy') return withChain(ruleset, table, copyOf(chain, chain.rules, action.policy));
  const rules = editRules(chain.rules, action, editingOf(ruleset, table, chain));
  return typeof rules === 'string' ? rules : withChain(ruleset, table, copyOf(chain, rules, chain.policy));
}

function editingOf({ family, backend }: Ruleset, table: Table, chain: Chain): Editing<Rule> {
  return {
    make: (text) => {
      const parts = readRule(text, { family, backend }, table.chains);
      return typeof parts === 'string' ? parts : { index: 0, line: chain.line, text, packets: null, bytes: null, ...parts };
    },
    same: (a, b) => withoutComments(a) === withoutComments(b),
  };
}

/** Counters, texts and modules that only look (`-m tcp` beside a port) do not tell rules apart. */
export function withoutComments({ matches, target }: Pick<Rule, 'matches' | 'target'>): string {
  return JSON.stringify([matches.filter(({ kind }) => kind !== 'comment' && kind !== 'transport-header'), target]);
}

function withChain(ruleset: Ruleset, table: Table, chain: Chain): Ruleset {
  const chains = new Map(table.chains).set(chain.name, chain);
  return { ...ruleset, tables: new Map(ruleset.tables).set(table.name, { name: table.name, chains }) };
}

function copyOf({ name, packets, bytes, line }: Chain, rules: readonly Rule[], policy: Chain['policy']): Chain {
  const numbered = rules.map((rule, i) => ({ ...rule, index: i + 1 }));
  return { name, policy, packets, bytes, line, ruleCount: numbered.length, rules: numbered };
}

function emptyChain(name: string, policy: Chain['policy']): Chain {
  return { name, policy, packets: null, bytes: null, line: 1, ruleCount: 0, rules: [] };
}

function newTable(name: string): Table | null {
  const names = standardChains(name);
  return names === null ? null : { name, chains: new Map(names.map((each) => [each, emptyChain(each, 'ACCEPT')])) };
}

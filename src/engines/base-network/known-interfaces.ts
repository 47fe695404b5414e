import type { Family } from '#facts/address.ts';
import type { Place } from '#facts/evidence.ts';
import type { Reading } from '#facts/result.ts';
import { missing, read } from '#facts/result.ts';
import { type Backend, type Rule, type Ruleset, ruleCommand } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';

/** The workload interfaces that Calico's dispatch chains of one backend and family name. */
export interface KnownInterfaces {
  readonly backend: Backend;
  readonly family: Family;
  /** False: this backend has no dispatch chains, so it drops nothing for want of an entry. */
  readonly dispatches: boolean;
  readonly from: ReadonlySet<string>;
  readonly to: ReadonlySet<string>;
  /** Where the last rule of the chain that packets from workloads are dispatched in stands. */
  readonly at: (Place & { readonly text: string }) | null;
}

/** What the rules of one backend and family know; missing where they could not be read in full. */
export function knownInterfaces(snapshot: Snapshot, backend: Backend, family: Family): Reading<KnownInterfaces> {
  const ruleset = snapshot.rulesets[backend][family];
  if (ruleset.kind === 'missing') return ruleset;
  const unreadable = ruleset.value.unreadable.find((entry) => entry.table === 'filter');
  if (unreadable !== undefined) return missing(ruleset.source, unreadable.because);
  const from = dispatched(ruleset.value, 'cali-from-wl-dispatch', 'in-interface');
  const to = dispatched(ruleset.value, 'cali-to-wl-dispatch', 'out-interface');
  const last = from.last ?? to.last;
  return read({ backend, family, dispatches: from.found || to.found, from: from.names, to: to.names, at: last }, ruleset.source);
}

/** Names in the chain and in its children (`-0`, `-1a`, ...), where interfaces share a prefix. Wildcards only lead to children. */
function dispatched(ruleset: Ruleset, prefix: string, kind: 'in-interface' | 'out-interface') {
  const names = new Set<string>();
  let found = false;
  let last: (Place & { text: string }) | null = null;
  for (const chain of ruleset.tables.get('filter')?.chains.values() ?? []) {
    if (chain.name !== prefix && !chain.name.startsWith(`${prefix}-`)) continue;
    found = true;
    for (const rule of chain.rules) {
      for (const match of rule.matches) if (match.kind === kind && !match.wildcard && !match.negated) names.add(match.name);
      if (chain.name === prefix) last = { source: ruleset.source, line: rule.line, text: savedLine(chain.name, rule) };
    }
  }
  return { names, found, last };
}

/** The rule's line as the dump has it, with counters where it has them. */
function savedLine(chain: string, rule: Rule): string {
  const counters = rule.packets === null ? '' : `[${rule.packets}:${rule.bytes}] `;
  return `${counters}${ruleCommand(chain, rule)}`;
}

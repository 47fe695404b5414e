import { ownerOfChain, ownerOfRule } from '#facts/chain-owner.ts';
import type { Evidence } from '#facts/evidence.ts';
import type { LogEvent } from '#facts/log.ts';
import type { BackendSurvey, OwnedRules, Owner } from '#facts/ownership.ts';
import type { Chain, Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { knownInterfaces, readDispatch } from './calico-dispatch.ts';
import { citeChain, citeRule } from './cite-rule.ts';
import { felixInUse } from './felix-in-use.ts';
import { dumpsOf } from './rulesets-of.ts';

/** Who has rules in which backend and family, and which backend Felix's own log shows. `events`: of engines/signatures. */
export function surveyBackends(snapshot: Snapshot, events: readonly LogEvent[]): BackendSurvey {
  const owned: OwnedRules[] = [];
  const undecided: { question: string; missing: string }[] = [];
  for (const { backend, family, reading } of dumpsOf(snapshot)) {
    const question = `whose rules are in ${backend} ${family}?`;
    if (reading.kind === 'missing') {
      undecided.push({ question, missing: `${reading.source}: ${reading.because}` });
      continue;
    }
    for (const { table, because } of reading.value.unreadable) undecided.push({ question, missing: `table ${table}: ${because}` });
    owned.push(...ownersIn(reading.value));
  }
  const felix = felixInUse(events);
  if (felix.kind === 'uses') return { owned, undecided, felixUses: { backend: felix.backend, evidence: felix.evidence } };
  if (owned.some(({ owner }) => owner === 'calico'))
    undecided.push({ question: 'which backend does Felix program?', missing: felix.missing });
  return { owned, undecided, felixUses: null };
}

interface Tally {
  rules: number;
  readonly chains: Set<string>;
  evidence: Evidence | null;
}

function ownersIn(ruleset: Ruleset): readonly OwnedRules[] {
  const tallies = new Map<Owner, Tally>();
  for (const table of ruleset.tables.values()) {
    for (const chain of table.chains.values()) tallyChain(ruleset, chain, tallies);
  }
  const { backend, family } = ruleset;
  return [...tallies].map(([owner, { rules, chains, evidence }]) => {
    const dispatch = owner === 'calico' ? readDispatch(ruleset) : null;
    const lines = [evidence, dispatch?.unknownInterfaceDrop ?? null].filter((line) => line !== null);
    const interfaces = dispatch === null ? [] : knownInterfaces(dispatch);
    return { owner, backend, family, rules, chains: [...chains], interfaces, evidence: lines };
  });
}

/** Only the rules of built-in chains are decoded: any other chain belongs to one owner by its name. */
function tallyChain(ruleset: Ruleset, chain: Chain, tallies: Map<Owner, Tally>): void {
  if (chain.policy === null) {
    const owner = ownerOfChain(chain.name);
    const tally = tallyOf(tallies, owner);
    tally.rules += chain.ruleCount;
    tally.chains.add(chain.name);
    tally.evidence ??= citeChain(ruleset, chain, `a chain of ${owner}`);
    return;
  }
  for (const rule of chain.rules) {
    const owner = ownerOfRule(chain.name, rule);
    const tally = tallyOf(tallies, owner);
    tally.rules++;
    tally.evidence ??= citeRule(ruleset, chain, rule, `a rule of ${owner}`);
  }
}

function tallyOf(tallies: Map<Owner, Tally>, owner: Owner): Tally {
  let tally = tallies.get(owner);
  if (tally === undefined) {
    tally = { rules: 0, chains: new Set(), evidence: null };
    tallies.set(owner, tally);
  }
  return tally;
}

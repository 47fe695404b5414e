import { readFileSync } from 'node:fs';
import { describeProblem } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import { readIptablesSave } from '#formats/iptables-save.ts';
import type { Measured, SubjectArguments } from './subject.ts';

/** Reads a dump of iptables-nft-save and declares every rule; rules are decoded when a walk first comes to them. */
export function measure({ dump }: SubjectArguments): Measured {
  const start = performance.now();
  const loaded = readIptablesSave([readFileSync(dump)], { backend: 'nft', family: 'ip', source: dump });
  if (!loaded.ok) throw new Error(describeProblem(loaded.problem));
  return { milliseconds: performance.now() - start, rules: countRules(loaded.value) };
}

function countRules({ tables }: Ruleset): number {
  return [...tables.values()].reduce((sum, { chains }) => sum + [...chains.values()].reduce((own, { ruleCount }) => own + ruleCount, 0), 0);
}

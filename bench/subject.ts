/**
 * One measurement in a Node process of its own: `node bench/subject.ts KIND DUMP`. Prints one JSON line. Memory is this process's own
 * high-water mark (VmHWM); getrusage's ru_maxrss would count the parent's pages from before exec.
 */
import { readFileSync } from 'node:fs';
import { describeProblem } from '#facts/result.ts';
import type { Ruleset, Table } from '#facts/rule.ts';
import { readIptablesSave } from '#formats/iptables-save.ts';
import type { SubjectKind, SubjectReport } from './report.ts';
import { verdictsPerSecond } from './verdicts.ts';

const [kind, dump] = process.argv.slice(2) as [SubjectKind, string];
const report = measure();
process.stdout.write(`${JSON.stringify(report)}\n`);

function measure(): SubjectReport {
  const start = performance.now();
  const ruleset = load();
  if (kind === 'link') checkLinks(ruleset);
  const milliseconds = performance.now() - start;
  const rules = countRules(ruleset);
  const walk = kind === 'walk' ? verdictsPerSecond(ruleset) : null;
  return { milliseconds, rules, kilobytes: highWaterMark(), walk };
}

function load(): Ruleset {
  const loaded = readIptablesSave([readFileSync(dump)], { backend: 'nft', family: 'ip', source: dump });
  if (!loaded.ok) throw new Error(describeProblem(loaded.problem));
  return loaded.value;
}

/** Decodes every rule; every jump must lead to a chain of the dump, and nothing may be left undecoded. */
function checkLinks(ruleset: Ruleset): void {
  for (const table of ruleset.tables.values()) for (const chain of table.chains.values()) checkChain(table, chain.name);
}

function checkChain(table: Table, name: string): void {
  for (const { target, matches, line } of table.chains.get(name)?.rules ?? []) {
    const dangling = (target.kind === 'jump' || target.kind === 'goto') && !table.chains.has(target.chain);
    if (dangling || target.kind === 'unmodelled' || matches.some((match) => match.kind === 'unmodelled'))
      throw new Error(`${dump}:${line}: a rule that was not decoded or jumps nowhere`);
  }
}

function countRules(ruleset: Ruleset): number {
  const chains = [...ruleset.tables.values()].flatMap((table) => [...table.chains.values()]);
  return chains.reduce((sum, chain) => sum + chain.ruleCount, 0);
}

function highWaterMark(): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

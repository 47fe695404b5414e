import type { NftRule, NftRuleset, NftTable, NftVerdict } from '#facts/nft.ts';
import { describeProblem } from '#facts/result.ts';
import { readNftables } from '#formats/netlink/nftables.ts';
import { readNftables as dumpNftables } from '#host/linux/read-nftables.ts';

/** Dumps nf_tables, decodes every rule and looks up the chain of every jump. Returns the number of rules; throws where one is not known. */
export function linkAll(): number {
  const dump = dumpNftables('');
  if (dump.kind !== 'read') throw new Error(dump.because);
  const ruleset = readNftables(dump.bytes, 'netlink/nftables');
  if (!ruleset.ok) throw new Error(describeProblem(ruleset.problem));
  return countLinked(ruleset.value);
}

function countLinked({ tables }: NftRuleset): number {
  let count = 0;
  for (const table of tables) for (const { rules } of table.chains.values()) for (const rule of rules) count += linked(rule, table);
  return count;
}

/** A rule's text is made when it is asked for, which no walk does. */
function linked(rule: NftRule, table: NftTable): number {
  for (const each of rule.expressions) {
    if (each.kind === 'unmodelled') throw new Error(`a rule that was not decoded: ${each.because} in '${rule.text}'`);
    if (each.kind === 'verdict') demandChain(each.verdict, table);
  }
  return 1;
}

function demandChain(verdict: NftVerdict, { chains }: NftTable): void {
  if ((verdict.kind === 'jump' || verdict.kind === 'goto') && !chains.has(verdict.chain))
    throw new Error(`a jump to nowhere: ${verdict.chain}`);
}

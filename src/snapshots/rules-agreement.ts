import { type Reading, read } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import { readListedChains } from '#formats/nft-json.ts';
import { locate } from './bundle-names.ts';
import type { Parts } from './parts.ts';
import { textOf } from './text.ts';

type Unreadable = Ruleset['unreadable'];

/**
 * Holds a dump against what else the snapshot says about the same kernel tables: a full disk or a failed command leaves an empty dump,
 * which must not count as "no rules". A table that disagrees is unreadable.
 */
export function withAgreement(parts: Parts, reading: Reading<Ruleset>): Reading<Ruleset> {
  if (reading.kind === 'missing') return reading;
  const ruleset = reading.value;
  const found = ruleset.backend === 'legacy' ? missingLegacy(parts, ruleset) : differingNft(parts, ruleset);
  return found.length === 0 ? reading : read({ ...ruleset, unreadable: [...ruleset.unreadable, ...found] }, reading.source);
}

function missingLegacy({ files }: Parts, { family, tables }: Ruleset): Unreadable {
  const path = `proc/net/${family === 'ip' ? 'ip_tables_names' : 'ip6_tables_names'}`;
  if (!files.has(path)) return [];
  const names = textOf(files, path)
    .split('\n')
    .filter((name) => name !== '' && !tables.has(name));
  return names.map((table) => ({ table, because: `${path} lists it and the dump does not hold it`, line: 1 }));
}

function differingNft(parts: Parts, { family, tables, unreadable }: Ruleset): Unreadable {
  const path = locate(parts.files, 'nft -j');
  if (path === null) return [];
  const listed = readListedChains(textOf(parts.files, path), path);
  if (!listed.ok) return [];
  const known = new Set(unreadable.map(({ table }) => table));
  const found: { table: string; because: string; line: number }[] = [];
  for (const chain of listed.value) {
    if (chain.family !== family || known.has(chain.table)) continue;
    const dumped = tables.get(chain.table)?.chains.get(chain.chain);
    const agrees =
      dumped !== undefined &&
      (chain.policy === null || dumped.policy === null || dumped.policy.toLowerCase() === chain.policy) &&
      dumped.ruleCount <= chain.ruleCount &&
      dumped.ruleCount >= chain.ruleCount - chain.foreignCount;
    if (agrees) continue;
    known.add(chain.table);
    const because = `the dump and ${path} disagree about chain ${chain.chain}`;
    found.push({ table: chain.table, because, line: dumped?.line ?? 1 });
  }
  return found;
}

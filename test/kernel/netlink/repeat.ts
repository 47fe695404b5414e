import { readNftables } from '#formats/netlink/nftables.ts';
import { readLegacyTables } from '#formats/xtables/index.ts';
import { readLegacyTables as readLegacyFile } from '#host/linux/read-legacy-tables.ts';
import { readNftables as readNftFile } from '#host/linux/read-nftables.ts';

/**
 * Reads this namespace again and again while another process replaces its rules, and prints, of each reading, which states the comments in it
 * name: more than one is a torn reading.
 */
const [milliseconds] = process.argv.slice(2) as [string];
const end = Date.now() + Number(milliseconds);
const counts = {
  nft: { whole: 0, torn: 0, missing: 0, states: [] as string[] },
  legacy: { whole: 0, torn: 0, missing: 0, states: [] as string[] },
};

function count(which: 'nft' | 'legacy', states: ReadonlySet<string> | null): void {
  const found = counts[which];
  if (states === null) found.missing++;
  else if (states.size === 1) found.whole++;
  else found.torn++;
  found.states = [...new Set([...found.states, ...(states ?? [])])].toSorted();
}

function nftStates(): ReadonlySet<string> | null {
  const file = readNftFile('');
  const ruleset = file.kind === 'read' ? readNftables(file.bytes, 'n') : null;
  if (ruleset === null || !ruleset.ok) return null;
  return new Set(
    ruleset.value.tables.flatMap(({ chains }) => [...chains.values()].flatMap(({ rules }) => rules.map(({ comment }) => comment ?? ''))),
  );
}

function legacyStates(): ReadonlySet<string> | null {
  const file = readLegacyFile('ip', '');
  const ruleset = file.kind === 'read' ? readLegacyTables(file.bytes, { family: 'ip', source: 'l' }) : null;
  if (ruleset === null || !ruleset.ok) return null;
  const texts = [...ruleset.value.tables.values()].flatMap(({ chains }) =>
    [...chains.values()].flatMap(({ rules }) => rules.map(({ text }) => text)),
  );
  return new Set(texts.map((text) => /--comment (\S+)/.exec(text)?.[1] ?? text));
}

while (Date.now() < end) {
  count('nft', nftStates());
  count('legacy', legacyStates());
}
process.stdout.write(JSON.stringify(counts));

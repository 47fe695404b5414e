export type Chains = Readonly<Record<string, readonly string[]>>;

const bases: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** One table of a save file. Policies are ACCEPT where none is given. */
export function saveTable(table: string, chains: Chains, policies: Readonly<Record<string, string>> = {}): string {
  const standard = bases[table] as readonly string[];
  const own = Object.keys(chains).filter((name) => !standard.includes(name));
  return [
    `*${table}`,
    ...standard.map((name) => `:${name} ${policies[name] ?? 'ACCEPT'} [0:0]`),
    ...own.map((name) => `:${name} - [0:0]`),
    ...Object.entries(chains).flatMap(([name, rules]) => rules.map((rule) => `-A ${name} ${rule}`)),
    'COMMIT',
    '',
  ].join('\n');
}

/** Tables of several writers, as one file would hold them: rules of the same chain stand behind each other. */
export function mergeChains(...all: readonly Chains[]): Chains {
  const merged: Record<string, readonly string[]> = {};
  for (const chains of all) for (const [name, rules] of Object.entries(chains)) merged[name] = [...(merged[name] ?? []), ...rules];
  return merged;
}

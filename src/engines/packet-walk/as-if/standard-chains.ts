const all = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const;
const chainsOf: Readonly<Record<string, readonly (typeof all)[number][]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: all,
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** The base chains of an iptables table; null for other names. */
export function standardChains(table: string): readonly (typeof all)[number][] | null {
  return Object.hasOwn(chainsOf, table) ? (chainsOf[table] as readonly (typeof all)[number][]) : null;
}

export function isStandard(table: string, chain: string): boolean {
  return standardChains(table)?.some((each) => each === chain) ?? false;
}

import type { NftChain, NftHook } from '#facts/nft.ts';

/** In the order in which iptables-nft-save prints them. */
export const tablesOfIptables = ['mangle', 'security', 'raw', 'filter', 'nat'] as const;

type TableName = (typeof tablesOfIptables)[number];

/** Hooks and priorities of iptables' base chains (NF_IP_PRI_*); nat's depend on the hook. */
const priorities: Readonly<Record<Exclude<TableName, 'nat'>, number>> = { mangle: -150, security: 50, raw: -300, filter: 0 };
const natPriorities: Partial<Readonly<Record<NftHook['hook'], number>>> = { prerouting: -100, input: 100, output: -100, postrouting: 100 };
const hooksOf: Readonly<Record<TableName, readonly NftHook['hook'][]>> = {
  mangle: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  security: ['input', 'forward', 'output'],
  raw: ['prerouting', 'output'],
  filter: ['input', 'forward', 'output'],
  nat: ['prerouting', 'input', 'output', 'postrouting'],
};

/** Whether iptables-nft would have made this base chain of the table, so that it shows it. */
export function isStandardChain(table: TableName, { name, base }: NftChain): boolean {
  if (base === null || name !== base.hook.toUpperCase() || !hooksOf[table].includes(base.hook)) return false;
  const priority = table === 'nat' ? natPriorities[base.hook] : priorities[table];
  const type = table === 'nat' ? 'nat' : table === 'mangle' && base.hook === 'output' ? 'route' : 'filter';
  return base.priority === priority && base.type === type;
}

/** `ip filter` and its like, where iptables-nft writes. */
export function isTableOfIptables(family: string, table: string): boolean {
  return (family === 'ip' || family === 'ip6') && (tablesOfIptables as readonly string[]).includes(table);
}

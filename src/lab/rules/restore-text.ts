/** The text of one table for `iptables-restore --noflush`: the chains named are emptied and filled, nothing else is touched. */
export interface TableText {
  readonly table: 'raw' | 'mangle' | 'nat' | 'filter';
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Whole commands for base chains, such as `-I INPUT -j cali-INPUT`. */
  readonly commands: readonly string[];
}

export function restoreText(tables: readonly TableText[]): string {
  return tables
    .map(({ table, chains, commands }) => {
      const declared = [...chains.keys()].map((chain) => `:${chain} - [0:0]`);
      const rules = [...chains].flatMap(([chain, lines]) => lines.map((line) => `-A ${chain} ${line}`));
      return [`*${table}`, ...declared, ...rules, ...commands, 'COMMIT', ''].join('\n');
    })
    .join('');
}

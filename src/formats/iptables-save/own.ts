/** The table's own entry. Words of a dump may be anything, `constructor` too, so that a plain look-up would find what every object inherits. */
export function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

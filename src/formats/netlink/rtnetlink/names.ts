/** RT_SCOPE_... as iproute2 names them; others by number. */
const scopes = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
]);

export function scopeName(number: number): string {
  return scopes.get(number) ?? String(number);
}

/** RT_TABLE_...: a node may name others in /etc/iproute2/rt_tables, which only its own `ip` knows. */
const tables = new Map([
  [0, 'unspec'],
  [253, 'default'],
  [254, 'main'],
  [255, 'local'],
]);

export function tableName(number: number): string {
  return tables.get(number) ?? String(number);
}

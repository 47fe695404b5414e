/** A word for a POSIX shell. Names come from a snapshot, so that anything may stand in them. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

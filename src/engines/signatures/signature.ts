import type { LogLevel } from '#facts/log.ts';

/** One known log line. */
export interface Signature {
  /** Stable kebab-case id. */
  readonly id: string;
  /** Log components that write it (`LogFile.component`); the journals of the whole host count for each. */
  readonly writers: readonly string[] | 'any';
  /** The level that the writer gives it; null where it has none (plain standard error). */
  readonly level: LogLevel | null;
  /** Case-sensitive text that every match contains: looked for before `pattern` is tried. */
  readonly literal: string;
  /** Linear: no nested quantifier, every repetition bounded or followed by what it cannot match. Named groups become fields. */
  readonly pattern: RegExp;
  readonly meaning: string;
  /** `key=value` and `key="value"` parts of the message that become fields. */
  readonly keys?: readonly string[];
}

const hostJournals: readonly string[] = ['journal', 'messages', 'syslog', 'system'];

export function mayWrite(signature: Signature, component: string): boolean {
  return signature.writers === 'any' || signature.writers.includes(component) || hostJournals.includes(component);
}

/** The fields of a message that matches, or null where it does not. `errno` is EAGAIN where the message words it so, whatever failed. */
export function fieldsOf(signature: Signature, message: string): Record<string, string> | null {
  if (!message.includes(signature.literal)) return null;
  const match = signature.pattern.exec(message);
  if (match === null) return null;
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(match.groups ?? {})) if (value !== undefined) fields[name] = value;
  for (const key of signature.keys ?? []) {
    const value = keyedValue(message, key);
    if (value !== null) fields[key] = value;
  }
  if (message.includes('esource temporarily unavailable')) fields['errno'] = 'EAGAIN';
  return fields;
}

/** The value of ` key=value` or ` key="value"`, as logrus writes it; escaped quotes inside stay escaped. */
function keyedValue(message: string, key: string): string | null {
  const start = message.indexOf(` ${key}=`);
  if (start < 0) return null;
  const from = start + key.length + 2;
  if (message[from] !== '"') return message.slice(from, endOf(message, ' ', from));
  let end = from + 1;
  while (end < message.length && message[end] !== '"') end += message[end] === '\\' ? 2 : 1;
  return message.slice(from + 1, end);
}

function endOf(message: string, mark: string, from: number): number {
  const end = message.indexOf(mark, from);
  return end < 0 ? message.length : end;
}

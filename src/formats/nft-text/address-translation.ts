import { parseExpression, startsField } from './expressions.ts';
import { wordValue } from './values.ts';
import type { Words } from './words.ts';

const flagNames = ['random', 'fully-random', 'persistent'];

/** `dnat ip to 10.0.0.1:80 random`, `redirect to :8080`, `masquerade`, `tproxy ip to 127.0.0.1:80`. */
export function parseTranslation(words: Words, name: string): unknown {
  const value: Record<string, unknown> = {};
  if (words.word === 'ip' || words.word === 'ip6') value['family'] = words.take();
  // nft 0.9.4 to 0.9.8 say what the map holds: `dnat ip addr . port to`.
  if (words.took('addr')) {
    words.expect('.');
    words.expect('port');
  }
  if (words.word === 'prefix' || words.word === 'interval') value['type_flags'] = words.take();
  if (words.took('to')) Object.assign(value, parseDestination(words));
  const flags = parseFlags(words);
  if (value['type_flags'] === 'prefix') flags.push('netmap');
  if (flags.length > 0) value['flags'] = flags;
  return { [name]: Object.keys(value).length === 0 ? null : value };
}

function parseFlags(words: Words): string[] {
  const flags: string[] = [];
  while (flagNames.includes(words.word)) {
    flags.push(words.take());
    words.took(',');
  }
  return flags;
}

/** An address, a port behind `:`, or a map of either. */
function parseDestination(words: Words): Readonly<Record<string, unknown>> {
  if (words.took(':')) return { port: startsField(words) ? parseExpression(words) : wordValue(words.take()) };
  if (startsField(words)) return withPort(words, parseExpression(words));
  const text = words.take();
  const { addr, port } = splitPort(text);
  return { ...(addr !== '' && { addr: wordValue(addr) }), ...(port !== null && { port: wordValue(port) }) };
}

function withPort(words: Words, addr: unknown): Readonly<Record<string, unknown>> {
  return words.took(':') ? { addr, port: startsField(words) ? parseExpression(words) : wordValue(words.take()) } : { addr };
}

/** `10.0.0.1:80`, `[fd00::1]:80`, `[fd00::1]-[fd00::9]:80-90`, `fd00::1`, `:80`. */
function splitPort(text: string): { readonly addr: string; readonly port: string | null } {
  const bracketed = /^((?:\[[^\]]*\]-?){1,2})(?::(\S+))?$/.exec(text);
  if (bracketed !== null) return { addr: (bracketed[1] as string).replaceAll(/[[\]]/g, ''), port: bracketed[2] ?? null };
  const plain = /^([\d.]*(?:-[\d.]+)?):(\S+)$/.exec(text);
  return plain === null ? { addr: text, port: null } : { addr: plain[1] as string, port: plain[2] as string };
}

import { type Address, type Family, type Prefix, parseAddress, parsePrefix } from '#facts/address.ts';
import { type JsonObject, textOf } from '../json-fields.ts';

export function addressOf(value: unknown): Address | null {
  const text = textOf(value);
  return text === null ? null : parseAddress(text);
}

/** The family of a route or rule object: see readRoutes. */
export function familyOf(object: JsonObject, addresses: readonly unknown[], otherwise: Family): Family {
  if (object['family'] === 'inet') return 'ip';
  if (object['family'] === 'inet6' || object['pref'] !== undefined) return 'ip6';
  for (const text of addresses) {
    if (typeof text === 'string' && (text.includes(':') || text.includes('.'))) return text.includes(':') ? 'ip6' : 'ip';
  }
  return otherwise;
}

/** `default`, `all` or an address block. */
export function prefixOf(text: string, family: Family): Prefix | null {
  if (text === 'default' || text === 'all' || text === 'any') return parsePrefix(family === 'ip' ? '0.0.0.0/0' : '::/0');
  return parsePrefix(text);
}

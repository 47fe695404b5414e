import type { JsonObject } from '../../json-fields.ts';
import { expression, spaced } from './expression.ts';

/** `dnat ip to 10.0.0.1:80 random`, `redirect to :80`, `dup to 10.0.0.1 device "eth0"`. */
export function natStatement(name: string, { family, addr, port, dev, flags, type_flags: typeFlags }: JsonObject): string {
  // Netmap is how a prefix is translated, and no word of the language.
  const all = (flags === undefined ? [] : [flags].flat()).filter((flag) => flag !== 'netmap');
  const kind = [typeFlags].flat().includes('prefix') ? 'prefix' : '';
  const device = dev === undefined ? '' : expression(dev, { kind: 'quoted' });
  if (name === 'fwd' && addr === undefined) return spaced(name, 'to', device);
  const place = placeOf(addr, port);
  return spaced(name, family, kind, place === '' ? '' : `to ${place}`, device === '' ? '' : `device ${device}`, all.join(','));
}

function placeOf(addr: unknown, port: unknown): string {
  const address = addr === undefined ? '' : expression(addr);
  if (port === undefined) return address;
  return `${address.includes(':') && !/[ {@]/.test(address) ? `[${address}]` : address}:${expression(port)}`;
}

import type { Family, Prefix } from '#facts/address.ts';
import type { Place } from '#facts/evidence.ts';
import type { RoutingRule } from '#facts/network.ts';
import { type JsonObject, numberOf, textOf } from '../json-fields.ts';
import { type Unreadable, unreadable } from './each-object.ts';
import { familyOf, prefixOf } from './family.ts';
import { tableOf } from './route.ts';

const modelled = new Set('family priority src srclen dst dstlen not fwmark fwmask iif oif table action protocol'.split(' '));

export function readRoutingRule(object: JsonObject, at: Place, otherwise: Family): RoutingRule | Unreadable {
  const priority = numberOf(object['priority']);
  if (priority === null) return unreadable('a routing rule with priority');
  const family = familyOf(object, [object['src'], object['dst']], otherwise);
  const from = selector(object, 'src', family);
  const to = selector(object, 'dst', family);
  const mark = markOf(object);
  if (from === undefined || to === undefined || mark === undefined) return unreadable('address blocks in src and dst, numbers in fwmark');
  const rest = Object.entries(object).filter(([key]) => !modelled.has(key));
  return {
    family,
    priority,
    table: object['table'] === undefined ? null : tableOf(object['table']),
    action: textOf(object['action']) ?? (object['goto'] === undefined ? 'lookup' : 'goto'),
    from,
    to,
    mark,
    inInterface: textOf(object['iif']),
    outInterface: textOf(object['oif']),
    inverted: 'not' in object,
    unmodelled:
      rest.length === 0 ? '' : JSON.stringify(Object.fromEntries(rest.map(([key, value]) => [key, isFlat(value) ? value : '...']))),
    at,
  };
}

/** Null: any address; undefined: unreadable. */
function selector(object: JsonObject, key: 'src' | 'dst', family: Family): Prefix | null | undefined {
  const address = object[key];
  if (address === undefined || address === 'all') return null;
  if (typeof address !== 'string') return undefined;
  const length = numberOf(object[`${key}len`]);
  return prefixOf(length === null ? address : `${address}/${length}`, family) ?? undefined;
}

function markOf(object: JsonObject): RoutingRule['mark'] | undefined {
  if (object['fwmark'] === undefined) return null;
  const value = Number(object['fwmark']);
  const mask = object['fwmask'] === undefined ? 0xffffffff : Number(object['fwmask']);
  return Number.isInteger(value) && Number.isInteger(mask) ? { value, mask } : undefined;
}

/** Nested values are only shown as being there: JSON.stringify overflows the stack on what JSON.parse has read. */
function isFlat(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

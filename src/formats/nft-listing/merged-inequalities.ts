import { isObject, listOf, objectOf } from '../json-fields.ts';
import { payloadField, rawBases } from './payload-fields.ts';

interface Span {
  readonly base: string;
  readonly first: number;
  readonly end: number;
}

/**
 * nft before 1.0.9 and iptables-nft before 1.8.11 join `tcp sport != 1 tcp dport != 2`, two fields side by side, into one comparison, which
 * is true unless both are equal. Listings show the two, whichever it is: such a rule is undecided. Returns why, or null.
 */
export function mergedInequalities(statements: readonly unknown[]): string | null {
  const spans = statements.flatMap((statement) => spanOf(statement) ?? []);
  const ends = new Set(spans.map(({ base, end }) => `${base} ${end}`));
  const touching = spans.some(({ base, first }) => ends.has(`${base} ${first}`));
  return touching ? "two '!=' on fields side by side: one comparison or two, by the version of nft that wrote the rule" : null;
}

/** Bits of a payload field that is compared as unequal to a single value. */
function spanOf(statement: unknown): Span | null {
  const match = isObject(statement) ? objectOf(statement['match']) : {};
  if (match['op'] !== '!=' || isObject(match['right']) || String(match['right']).startsWith('@')) return null;
  const payload = objectOf(objectOf(match['left'])['payload']);
  const field = payloadField(String(payload['protocol']), String(payload['field']));
  if (field !== null) return { base: field.base, first: field.offset, end: field.offset + field.type.bits };
  const base = rawBases[String(payload['base'])];
  const [offset, length] = listOf([payload['offset'], payload['len']]).map(Number);
  return base === undefined || offset === undefined || length === undefined ? null : { base, first: offset, end: offset + length };
}

import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * An interface's name compared as a string: the kernel compares bytes of a name that is filled up with zeros, so that a value without a zero is
 * the beginning of a name. Null: no such comparison.
 */
export function nameTest(
  load: NftExpression,
  { op, value }: Extract<NftExpression, { readonly kind: 'compare' }>,
): ((machine: Machine) => boolean) | null {
  if (load.kind !== 'meta' || (load.key !== 'iifname' && load.key !== 'oifname') || (op !== 'eq' && op !== 'neq')) return null;
  const name = nameOf(value);
  if (name === null) return null;
  const { text, whole } = name;
  const wanted = op === 'eq';
  const fits = (own: string): boolean => (whole ? own === text : own.startsWith(text)) === wanted;
  return load.key === 'iifname' ? ({ packet }) => fits(packet.inInterface) : ({ packet }) => fits(packet.outInterface);
}

/** A name, or the beginning of one. Null: bytes that no name has. */
export function nameOf(value: Uint8Array): { readonly text: string; readonly whole: boolean } | null {
  const end = value.indexOf(0);
  if (value.length > 16 || (end >= 0 && value.subarray(end).some((byte) => byte !== 0)) || (end < 0 && value.length === 16)) return null;
  const bytes = end < 0 ? value : value.subarray(0, end);
  // Only ASCII: a part of a longer character would not be a part of a string.
  if (bytes.some((byte) => byte > 127)) return null;
  return { text: decoder.decode(bytes), whole: end >= 0 };
}

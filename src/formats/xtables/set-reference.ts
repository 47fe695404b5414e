import { UnreadableValue } from '../iptables-save/values.ts';
import type { Blob } from './blob.ts';
import type { SetNames, XtContext } from './module.ts';

/** struct xt_set_info: a set by its index, and which of the packet's sides are looked up. */
export interface SetReference {
  readonly index: number;
  readonly dimensions: number;
  /** Bit 0 inverts, bits 1 to 6 say `src` for that dimension, bit 7 is IPSET_RETURN_NOMATCH (enum ip_set_kopt). */
  readonly flags: number;
}

export const setReference = (blob: Blob, offset: number): SetReference => ({
  index: blob.u16(offset),
  dimensions: blob.u8(offset + 2),
  flags: blob.u8(offset + 3),
});

/** struct xt_set_info_v0, after the kernel has filled its compatible part (xt_set.c, compat_flags). */
export const oldSetReference = (blob: Blob, offset: number): SetReference => ({
  index: blob.u16(offset),
  dimensions: blob.u8(offset + 28),
  flags: blob.u8(offset + 29),
});

export function directionsOf({ dimensions, flags }: SetReference): readonly ('src' | 'dst')[] {
  if (dimensions < 1 || dimensions > 6) throw new UnreadableValue(`${dimensions} dimensions`);
  return Array.from({ length: dimensions }, (_, index) => ((flags & (2 << index)) !== 0 ? 'src' : 'dst'));
}

/** The set's name. A rule whose set nobody names cannot be decided. */
export function setName({ index }: SetReference, { setNames }: XtContext): string {
  const name = setNames.get(index);
  if (name === undefined) throw new UnreadableValue(`ipset number '${index}', which no list of sets names,`);
  return name;
}

/** What iptables prints after the option: the set, and its directions. */
export function setText(reference: SetReference, setNames: SetNames): string {
  return `${setNames.get(reference.index) ?? `[set ${reference.index}]`} ${directionsOf(reference).join(',')}`;
}

import type { NftExpression } from '#facts/nft.ts';
import { bytesOf, registersOf } from './bytes.ts';
import type { DataType } from './data-types.ts';
import { notCompiled } from './not-compiled.ts';
import type { PayloadBase } from './payload-fields.ts';
import type { RuleState } from './rule-state.ts';
import { numberOfValue } from './values.ts';

/** Something that a rule can look at. */
export interface Field {
  readonly type: DataType;
  /** Bytes that it fills in its register. */
  readonly width: number;
  /** A field inside bytes of a header: how far it stands from the last bit of them. `mask` null: it is whole bytes. */
  readonly shift: number;
  readonly mask: Uint8Array | null;
  /** Puts what the field needs in front (see RuleState). */
  readonly require: (rule: RuleState) => void;
  readonly load: (to: number) => readonly NftExpression[];
  /** Where it stands in the packet, for a prefix that needs only its first bytes, and for fields that stand side by side. */
  readonly place: { readonly base: PayloadBase; readonly offset: number } | null;
}

/** Nothing is in front of most fields. */
export const needsNothing = (): void => undefined;

export function plainField(type: DataType, width: number, load: Field['load']): Field {
  return { type, width, shift: 0, mask: null, require: needsNothing, load, place: null };
}

/** The value as it stands in the bytes around the field. */
export function bytesInside(field: Field, value: unknown): Uint8Array {
  return bytesOf(numberOfValue(field.type, value) << BigInt(field.shift), field.width, 'network');
}

/** The field's own bits, still where they stand. */
export function maskField(field: Field, at: number): readonly NftExpression[] {
  if (field.mask === null) return [];
  const { width, mask } = field;
  return [{ kind: 'bitwise', from: at, to: at, length: width, mask, xor: new Uint8Array(width) }];
}

/** The field as a number of its own: masked and moved down, as concatenations and named sets hold it. */
export function wholeField(field: Field): Field {
  if (field.mask === null) return field;
  if (field.width !== 1) return notCompiled(`a field of ${field.type.bits} bits as a key`);
  const load = (to: number): readonly NftExpression[] => [
    ...field.load(to),
    ...maskField(field, to),
    ...(field.shift === 0
      ? []
      : [{ kind: 'shift' as const, direction: 'right' as const, from: to, to, length: field.width, bits: field.shift }]),
  ];
  return { ...field, shift: 0, mask: null, load, place: null };
}

export function checkRegisters(at: number, width: number): void {
  if (at + registersOf(width) > 16) notCompiled('more bytes than registers hold');
}

import type { Family } from '#facts/address.ts';
import type { NftExpression } from '#facts/nft.ts';
import type { Match, Target } from '#facts/rule.ts';
import type { Fields } from '../fields.ts';
import { type ExpressionDecoder, type Surroundings, unmodelled, xtFamily } from './decoder.ts';
import { decodeXtMatch, decodeXtTarget } from './xt-blobs.ts';

interface Blob {
  readonly name: string;
  readonly revision: number;
  readonly bytes: Uint8Array;
  readonly place: { readonly start: number; readonly end: number };
  readonly family: Family;
  readonly littleEndian: boolean;
}

/** Most blobs of a dump are comments that nobody looks into: they are decoded, and their bytes cut out, when someone does. */
class XtMatch {
  readonly kind = 'xt-match';
  readonly name: string;
  readonly revision: number;
  readonly #blob: Blob;
  #decoded: { readonly matches: readonly Match[]; readonly text: string } | null = null;

  constructor(blob: Blob) {
    this.name = blob.name;
    this.revision = blob.revision;
    this.#blob = blob;
  }

  get info(): Uint8Array {
    return this.#blob.bytes.subarray(this.#blob.place.start, this.#blob.place.end);
  }

  get matches(): readonly Match[] {
    this.#decoded ??= decodeXtMatch(structOf(this.#blob, this.info));
    return this.#decoded.matches;
  }

  get text(): string {
    this.#decoded ??= decodeXtMatch(structOf(this.#blob, this.info));
    return this.#decoded.text;
  }
}

class XtTarget {
  readonly kind = 'xt-target';
  readonly name: string;
  readonly revision: number;
  readonly #blob: Blob;
  #decoded: { readonly target: Target; readonly text: string } | null = null;

  constructor(blob: Blob) {
    this.name = blob.name;
    this.revision = blob.revision;
    this.#blob = blob;
  }

  get info(): Uint8Array {
    return this.#blob.bytes.subarray(this.#blob.place.start, this.#blob.place.end);
  }

  get target(): Target {
    this.#decoded ??= decodeXtTarget(structOf(this.#blob, this.info));
    return this.#decoded.target;
  }

  get text(): string {
    this.#decoded ??= decodeXtTarget(structOf(this.#blob, this.info));
    return this.#decoded.text;
  }
}

function structOf({ name, revision, family, littleEndian }: Blob, info: Uint8Array) {
  return { name, revision, info, family, littleEndian, nft: true } as const;
}

/** net/netfilter/nft_compat.c: NFTA_MATCH_NAME 1, REV 2, INFO 3; of targets alike. */
function decode(what: 'match' | 'target', fields: Fields, around: Surroundings): NftExpression {
  const family = xtFamily(around.family);
  const name = fields.text(1);
  if (family === null) return unmodelled(`${what} ${name}`, `an xt ${what} in family ${around.family}`);
  const { bytes } = fields;
  const blob: Blob = { name, revision: fields.u32(2), bytes, place: fields.range(3), family, littleEndian: around.littleEndian };
  return what === 'match' ? new XtMatch(blob) : new XtTarget(blob);
}

export const xtExpressions: Readonly<Record<string, ExpressionDecoder>> = {
  match: { known: 3, decode: (fields, around) => decode('match', fields, around) },
  target: { known: 3, decode: (fields, around) => decode('target', fields, around) },
};

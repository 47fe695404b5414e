import type { NftExpression } from '#facts/nft.ts';
import type { Match, Target } from '#facts/rule.ts';
import { type XtMatch as Decoded, type XtTarget as DecodedTarget, decodeXtMatch, decodeXtTarget } from '../../../xtables/index.ts';
import type { Fields } from '../fields.ts';
import { type ExpressionDecoder, type Surroundings, unmodelled, xtFamily } from './decoder.ts';

/** Most blobs of a dump are comments that nobody looks into: they are decoded, and their bytes cut out, when someone does. */
class Blob {
  readonly name: string;
  readonly revision: number;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  readonly #around: Surroundings;

  /** net/netfilter/nft_compat.c: NFTA_MATCH_NAME 1, REV 2, INFO 3; of targets alike. */
  constructor(fields: Fields, around: Surroundings) {
    const { start, end } = fields.range(3);
    this.name = fields.text(1);
    this.revision = fields.u32(2);
    this.#bytes = fields.bytes;
    this.#start = start;
    this.#end = end;
    this.#around = around;
  }

  get info(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  protected get struct() {
    const { family, littleEndian, setNames } = this.#around;
    return {
      name: this.name,
      revision: this.revision,
      info: this.info,
      family: xtFamily(family) ?? 'ip',
      littleEndian,
      setNames,
      nft: true,
    };
  }
}

class XtMatch extends Blob {
  readonly kind = 'xt-match';
  #decoded: Decoded | null = null;

  get #match(): Decoded {
    this.#decoded ??= decodeXtMatch(this.struct);
    return this.#decoded;
  }

  get matches(): readonly Match[] {
    return this.#match.matches;
  }

  get text(): string {
    return this.#match.text;
  }
}

class XtTarget extends Blob {
  readonly kind = 'xt-target';
  #decoded: DecodedTarget | null = null;

  get #target(): DecodedTarget {
    this.#decoded ??= decodeXtTarget(this.struct);
    return this.#decoded;
  }

  get target(): Target {
    return this.#target.target;
  }

  get text(): string {
    return this.#target.text;
  }
}

/** Of other families than iptables' two nobody writes xt blobs that we can read. */
function decode(what: 'match' | 'target', fields: Fields, around: Surroundings): NftExpression {
  if (xtFamily(around.family) === null) return unmodelled(`${what} ${fields.text(1)}`, `an xt ${what} in family ${around.family}`);
  return what === 'match' ? new XtMatch(fields, around) : new XtTarget(fields, around);
}

export const xtExpressions: Readonly<Record<string, ExpressionDecoder>> = {
  match: { known: 3, decode: (fields, around) => decode('match', fields, around) },
  target: { known: 3, decode: (fields, around) => decode('target', fields, around) },
};

import type { NftExpression, NftFamily } from '#facts/nft.ts';
import { attributeLength, attributeType, eachListElement } from '../bytes.ts';
import { Fields } from '../fields.ts';
import type { Names } from '../names.ts';
import { actions } from './act.ts';
import { computations } from './compute.ts';
import { type ExpressionDecoder, type Surroundings, unmodelled } from './decoder.ts';
import { loads } from './load.ts';
import { SeenExpressions } from './seen.ts';
import { states } from './state.ts';
import { xtExpressions } from './xt.ts';

const decoders: ReadonlyMap<string, ExpressionDecoder> = new Map(
  Object.entries({ ...loads, ...computations, ...actions, ...states, ...xtExpressions }),
);

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Expressions may carry expressions, two deep in the kernel. */
const deepest = 4;

/** Turns expressions' attributes, all of one dump's bytes, into facts. What cannot be decoded becomes `unmodelled` with the reason. */
export class ExpressionReader {
  readonly #fields: Fields;
  readonly #around: Surroundings;
  readonly #seen: SeenExpressions | null;

  constructor(of: { readonly family: NftFamily; readonly littleEndian: boolean; readonly names: Names }, depth = 0) {
    this.#fields = new Fields(of.names);
    this.#seen = depth === 0 ? new SeenExpressions() : null;
    const nested = (bytes: Uint8Array, range: Range): readonly NftExpression[] | null =>
      depth >= deepest ? null : [new ExpressionReader(of, depth + 1).one(bytes, range)];
    this.#around = { family: of.family, littleEndian: of.littleEndian, nested };
  }

  /** A list of NFTA_LIST_ELEM, each one expression. */
  list(bytes: Uint8Array, range: Range): readonly NftExpression[] {
    const found: NftExpression[] = [];
    const whole = eachListElement(bytes, range.start, range.end, (start, end) => found.push(this.#known(bytes, start, end)));
    if (!whole) found.push(unmodelled('rule', 'its expressions are no list of attributes'));
    return found;
  }

  #known(bytes: Uint8Array, start: number, end: number): NftExpression {
    const seen = this.#seen?.get(bytes, start, end);
    if (seen !== undefined) return seen;
    const made = this.one(bytes, { start, end });
    this.#seen?.put(start, end, made);
    return made;
  }

  /** NFTA_EXPR_NAME 1, NFTA_EXPR_DATA 2. */
  one(bytes: Uint8Array, range: Range): NftExpression {
    let name = '';
    let data: Range = { start: 0, end: 0 };
    for (let at = range.start; at < range.end; ) {
      const length = attributeLength(bytes, at, range.end);
      if (length === 0) return unmodelled(name, 'its attributes overlap their end');
      const type = attributeType(bytes, at);
      if (type === 1) name = this.#fields.names.at(bytes, at + 4, at + length);
      else if (type === 2) data = { start: at + 4, end: at + length };
      else return unmodelled(name, `attribute ${type} of an expression is not known`);
      at += (length + 3) & ~3;
    }
    return this.#decode(name, bytes, data);
  }

  #decode(name: string, bytes: Uint8Array, data: Range): NftExpression {
    const decoder = decoders.get(name);
    if (decoder === undefined) return unmodelled(name, `expression '${name}' is not modelled`);
    const fields = this.#fields.open(bytes, data, decoder.known);
    if (fields.problem !== null) return unmodelled(name, fields.problem);
    const found = decoder.decode(fields, this.#around);
    return fields.problem === null ? found : unmodelled(name, fields.problem);
  }
}

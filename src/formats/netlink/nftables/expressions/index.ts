import type { NftExpression } from '#facts/nft.ts';
import { attributeLength, attributeType } from '../bytes.ts';
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

interface Source extends Omit<Surroundings, 'nested'> {
  readonly bytes: Uint8Array;
  readonly names: Names;
}

/** Expressions may carry expressions, two deep in the kernel. */
const deepest = 4;

/** Turns expressions' attributes, all of one dump's bytes, into facts. What cannot be decoded becomes `unmodelled` with the reason. */
export class ExpressionReader {
  readonly #bytes: Uint8Array;
  readonly #fields: Fields;
  readonly #around: Surroundings;
  readonly #seen: SeenExpressions | null;
  /** Filled anew for each rule, so that what is kept of it has no room to spare. */
  readonly #list: NftExpression[] = [];

  constructor(of: Source, depth = 0) {
    this.#bytes = of.bytes;
    this.#fields = new Fields(of.bytes, of.names);
    this.#seen = depth === 0 ? new SeenExpressions(of.bytes) : null;
    const nested = (start: number, end: number): readonly NftExpression[] | null =>
      depth >= deepest ? null : [new ExpressionReader(of, depth + 1).one(start, end)];
    this.#around = { family: of.family, littleEndian: of.littleEndian, setNames: of.setNames, nested };
  }

  /** A list of NFTA_LIST_ELEM, each one expression. */
  list(start: number, end: number): readonly NftExpression[] {
    const found = this.#list;
    found.length = 0;
    for (let at = start; at < end; ) {
      const length = attributeLength(this.#bytes, at, end);
      if (length === 0 || attributeType(this.#bytes, at) !== 1) {
        found.push(unmodelled('rule', 'its expressions are no list of attributes'));
        break;
      }
      found.push(this.#known(at + 4, at + length));
      at += (length + 3) & ~3;
    }
    return found.slice();
  }

  #known(start: number, end: number): NftExpression {
    const seen = this.#seen?.get(start, end);
    if (seen !== undefined) return seen;
    const made = this.one(start, end);
    this.#seen?.put(start, end, made);
    return made;
  }

  /** NFTA_EXPR_NAME 1, NFTA_EXPR_DATA 2. */
  one(from: number, to: number): NftExpression {
    let name = '';
    let start = 0;
    let end = 0;
    for (let at = from; at < to; ) {
      const length = attributeLength(this.#bytes, at, to);
      if (length === 0) return unmodelled(name, 'its attributes overlap their end');
      const type = attributeType(this.#bytes, at);
      if (type === 1) name = this.#fields.names.at(this.#bytes, at + 4, at + length);
      else if (type === 2) {
        start = at + 4;
        end = at + length;
      } else return unmodelled(name, `attribute ${type} of an expression is not known`);
      at += (length + 3) & ~3;
    }
    const decoder = decoders.get(name);
    if (decoder === undefined) return unmodelled(name, `expression '${name}' is not modelled`);
    const fields = this.#fields.open(start, end, decoder.known);
    if (fields.problem !== null) return unmodelled(name, fields.problem);
    const found = decoder.decode(fields, this.#around);
    return fields.problem === null ? found : unmodelled(name, fields.problem);
  }
}

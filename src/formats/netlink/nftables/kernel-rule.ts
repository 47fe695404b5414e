import type { NftExpression, NftRule } from '#facts/nft.ts';
import { attributeLength, attributeType, be64, u32 } from './bytes.ts';
import { unmodelled } from './expressions/decoder.ts';
import type { TableContext } from './table.ts';
import { ruleText } from './text/index.ts';

const decoder = new TextDecoder();
/** struct nlmsghdr and struct nfgenmsg stand before the attributes. */
const bodyStart = 20;
/** NFTNL_UDATA_RULE_COMMENT: what userspace calls a comment, in a list of type, length, value of one byte each. */
const commentType = 0;

/** One NFT_MSG_NEWRULE message, of which each part is decoded when it is first asked for. */
export class KernelRule implements NftRule {
  readonly index: number;
  readonly #offset: number;
  readonly #table: TableContext;
  #expressions: readonly NftExpression[] | null = null;
  #text: string | null = null;

  constructor(index: number, offset: number, table: TableContext) {
    this.index = index;
    this.#offset = offset;
    this.#table = table;
  }

  /** NFTA_RULE_HANDLE 3. */
  get handle(): number {
    const place = this.#find(3);
    return place === null || place.end - place.start !== 8 ? 0 : be64(this.#table.bytes, place.start);
  }

  get line(): number {
    return this.handle;
  }

  /** NFTA_RULE_EXPRESSIONS 4. A rule without any is one that nothing follows from. */
  get expressions(): readonly NftExpression[] {
    this.#expressions ??= this.#decode();
    return this.#expressions;
  }

  /** NFTA_RULE_USERDATA 7. */
  get comment(): string | null {
    const place = this.#find(7);
    if (place === null) return null;
    const bytes = this.#table.bytes;
    for (let at = place.start; at + 2 <= place.end; ) {
      const end = at + 2 + (bytes[at + 1] as number);
      if (end > place.end) return null;
      if (bytes[at] === commentType) return decoder.decode(bytes.subarray(at + 2, bytes[end - 1] === 0 ? end - 1 : end));
      at = end;
    }
    return null;
  }

  get text(): string {
    this.#text ??= ruleText(this, this.#table);
    return this.#text;
  }

  get packets(): number | null {
    return this.#counter()?.packets ?? null;
  }

  get bytes(): number | null {
    return this.#counter()?.bytes ?? null;
  }

  #counter(): Extract<NftExpression, { kind: 'counter' }> | null {
    for (const expression of this.expressions) if (expression.kind === 'counter') return expression;
    return null;
  }

  /** Types up to NFTA_RULE_CHAIN_ID 11 are known; attributes fill the message. */
  #decode(): readonly NftExpression[] {
    const { bytes, reader } = this.#table;
    const end = this.#offset + u32(bytes, this.#offset);
    let list = 0;
    for (let at = this.#offset + bodyStart; at < end; ) {
      const length = attributeLength(bytes, at, end);
      const type = length === 0 ? 0 : attributeType(bytes, at);
      if (length === 0 || type > 11) return [unmodelled('rule', 'its attributes cannot be read')];
      if (type === 4) list = at;
      at += (length + 3) & ~3;
    }
    return list === 0 ? [] : reader.list(list + 4, list + attributeLength(bytes, list, end)).map((each) => this.#whole(each));
  }

  /**
   * Where a set has expressions for all of its elements, a dynset's own must be of the same kind, and the kernel does not dump them
   * (net/netfilter/nft_dynset.c). They run and may end the rule; the set's stand for them, with numbers that may be others.
   */
  #whole(expression: NftExpression): NftExpression {
    if (expression.kind !== 'dynset' || expression.expressions.length > 0) return expression;
    return { ...expression, expressions: this.#table.sets.get(expression.set)?.expressions ?? [] };
  }

  #find(type: number): { readonly start: number; readonly end: number } | null {
    return findInMessage(this.#table.bytes, this.#offset, type);
  }
}

/** The value of an attribute of the message at `offset`. */
export function findInMessage(bytes: Uint8Array, offset: number, type: number): { readonly start: number; readonly end: number } | null {
  const end = offset + u32(bytes, offset);
  for (let at = offset + bodyStart; at < end; ) {
    const length = attributeLength(bytes, at, end);
    if (length === 0) return null;
    if (attributeType(bytes, at) === type) return { start: at + 4, end: at + length };
    at += (length + 3) & ~3;
  }
  return null;
}

import type { NftElement, NftExpression, NftSet } from '#facts/nft.ts';
import { Fields } from './fields.ts';
import { fieldsOfType, padded } from './key-fields.ts';
import { readElements } from './set-elements.ts';
import type { TableContext } from './table.ts';

/** NFT_SET_*. CONSTANT says only that nobody may change it. */
const flag = { anonymous: 1, interval: 4, map: 8, timeout: 16, eval: 32, object: 64 } as const;
const knownFlags = 0x1ff;
/** NFT_DATA_VERDICT. */
const verdictType = 0xffffff00;

export interface SetHead {
  readonly name: string;
  readonly handle: number;
  readonly flags: number;
  readonly map: NftSet['map'];
  readonly keyType: number;
  readonly keyFields: readonly number[];
  readonly keyLength: number;
  readonly dataType: number;
  readonly dataLength: number;
  readonly size: number | null;
  /** Where expressions stand that run on each element. */
  readonly expressions: readonly { readonly start: number; readonly end: number }[];
}

/**
 * A NEWSET message: NFTA_SET_NAME 2, FLAGS 3, KEY_TYPE 4, KEY_LEN 5, DATA_TYPE 6, DATA_LEN 7, DESC 9, HANDLE 16. Null where it cannot be
 * read. Attributes above NFTA_SET_EXPRESSIONS 18 count and name how elements are stored.
 */
export function readSetHead(fields: Fields): SetHead | null {
  const flags = fields.u32Or(3, 0);
  const keyLength = fields.u32(5);
  const keyType = fields.u32Or(4, 0);
  const dataType = fields.u32Or(6, 0);
  const map = (flags & flag.object) !== 0 ? 'object' : (flags & flag.map) === 0 ? null : dataType === verdictType ? 'verdict' : 'data';
  const head = { name: fields.text(2), handle: fields.has(16) ? fields.u64(16) : 0, flags, map, keyType, keyLength, dataType } as const;
  const dataLength = fields.u32Or(7, 0);
  const described = fields.has(9) ? describedFields(fields) : [];
  const size = fields.has(9) ? describedSize(fields) : null;
  if (fields.problem !== null || described === null || (flags & ~knownFlags) !== 0) return null;
  const sum = described.reduce((length, size) => length + padded(size), 0);
  const keyFields = described.length > 1 && sum === keyLength ? described : (fieldsOfType(keyType, keyLength) ?? [keyLength]);
  return { ...head, keyFields, dataLength, size, expressions: expressionsOf(fields) };
}

/** NFTA_SET_EXPR 17 is one, NFTA_SET_EXPRESSIONS 18 a list. */
function expressionsOf(fields: Fields): SetHead['expressions'] {
  const found: { readonly start: number; readonly end: number }[] = fields.has(17) ? [fields.range(17)] : [];
  fields.list(18, (start, end) => found.push({ start, end }));
  return found;
}

/** NFTA_SET_DESC_CONCAT 2 in NFTA_SET_DESC: a list of NFTA_SET_FIELD_LEN 1. Null where it cannot be read. */
function describedFields(fields: Fields): readonly number[] | null {
  const place = fields.range(9);
  const desc = new Fields(fields.bytes, fields.names).open(place.start, place.end, 2);
  const field = new Fields(fields.bytes, fields.names);
  const found: number[] = [];
  let whole = true;
  desc.list(2, (start, end) => {
    found.push(field.open(start, end, 1).u32(1));
    whole = whole && field.problem === null;
  });
  return whole && desc.problem === null ? found : null;
}

/** NFTA_SET_DESC_SIZE 1 in NFTA_SET_DESC. */
function describedSize(fields: Fields): number | null {
  const place = fields.range(9);
  const desc = new Fields(fields.bytes, fields.names).open(place.start, place.end, 2);
  return desc.has(1) ? desc.u32(1) : null;
}

/** A set that keeps where the lists of its elements stand. */
export class KernelSet implements NftSet {
  readonly name: string;
  readonly handle: number;
  readonly anonymous: boolean;
  readonly map: NftSet['map'];
  readonly interval: boolean;
  readonly dynamic: boolean;
  readonly timeout: boolean;
  readonly keyFields: readonly number[];
  readonly keyLength: number;
  readonly dataLength: number;
  readonly size: number | null;
  readonly line: number;
  /** nft's own number of a data type: only for print. */
  readonly dataType: number;
  readonly #table: TableContext;
  readonly #lists: { readonly start: number; readonly end: number }[] = [];
  readonly #expressions: SetHead['expressions'];
  #elements: readonly NftElement[] | null = null;

  constructor(head: SetHead, table: TableContext) {
    this.name = head.name;
    this.handle = head.handle;
    this.line = head.handle;
    this.anonymous = (head.flags & flag.anonymous) !== 0;
    this.map = head.map;
    this.interval = (head.flags & flag.interval) !== 0;
    this.dynamic = (head.flags & (flag.eval | flag.timeout)) !== 0;
    this.timeout = (head.flags & flag.timeout) !== 0;
    this.keyFields = head.keyFields;
    this.keyLength = head.keyLength;
    this.dataLength = head.dataLength;
    this.size = head.size;
    this.dataType = head.dataType;
    this.#table = table;
    this.#expressions = head.expressions;
  }

  /** Only the reader of the messages calls this, before anyone asks for elements. */
  add(list: { readonly start: number; readonly end: number }): void {
    this.#lists.push(list);
  }

  /** Run on each element that a rule adds or updates, also where the rule itself names none. */
  get expressions(): readonly NftExpression[] {
    return this.#expressions.map(({ start, end }) => this.#table.reader.one(start, end));
  }

  get elements(): readonly NftElement[] {
    this.#elements ??= readElements(this.#lists, this, this.#table);
    return this.#elements;
  }

  get elementCount(): number {
    return this.elements.length;
  }
}

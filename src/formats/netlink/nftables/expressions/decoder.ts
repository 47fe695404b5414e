import type { Family } from '#facts/address.ts';
import type { NftExpression, NftFamily } from '#facts/nft.ts';
import type { SetNames } from '../../../xtables/index.ts';
import type { Fields } from '../fields.ts';

/** Where an expression stands. */
export interface Surroundings {
  readonly family: NftFamily;
  readonly littleEndian: boolean;
  readonly setNames: SetNames;
  /** Expressions that an expression carries (dynset): null where they are no list. */
  readonly nested: (start: number, end: number) => readonly NftExpression[] | null;
}

/** How the attributes of one kind of expression are read; `known` is the highest attribute type that is understood. */
export interface ExpressionDecoder {
  readonly known: number;
  readonly decode: (fields: Fields, around: Surroundings) => NftExpression;
}

export function unmodelled(name: string, because: string): NftExpression {
  return { kind: 'unmodelled', name, because };
}

/** Families whose rules iptables-nft writes with xt blobs that we can read. */
export function xtFamily(family: NftFamily): Family | null {
  return family === 'ip' || family === 'ip6' ? family : null;
}

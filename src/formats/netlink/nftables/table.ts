import type { NftChain, NftExpression, NftFamily, NftFlowtable, NftSet, NftTable } from '#facts/nft.ts';
import type { ExpressionReader } from './expressions/index.ts';
import type { Names } from './names.ts';

/** What chains, rules and sets of one table share. */
export interface TableContext {
  readonly bytes: Uint8Array;
  readonly family: NftFamily;
  readonly table: string;
  readonly littleEndian: boolean;
  readonly names: Names;
  readonly reader: ExpressionReader;
  readonly chains: ReadonlyMap<string, NftChain>;
  readonly sets: ReadonlyMap<string, NftSet & { readonly expressions: readonly NftExpression[] }>;
}

/** A table that is being read: chains and sets come in messages of their own. */
export interface OpenTable<Chain extends NftChain, Elements extends NftSet> extends NftTable {
  readonly chains: Map<string, Chain>;
  readonly sets: Map<string, Elements>;
  readonly flowtables: NftFlowtable[];
  readonly context: TableContext;
}

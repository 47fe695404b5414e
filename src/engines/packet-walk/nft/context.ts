import type { Family } from '#facts/address.ts';
import type { NftTable } from '#facts/nft.ts';
import type { Undecidable } from '#facts/packet-walk.ts';

/** Where an nft rule stands, and which packets it sees. */
export interface NftContext {
  readonly table: NftTable;
  /** Of the packets: a rule of an `inet` table is compiled for each family. */
  readonly family: Family;
  readonly littleEndian: boolean;
  /** Unique for the rule in the whole snapshot. */
  readonly key: string;
  readonly text: string;
  readonly gap: (because: string) => Undecidable;
}

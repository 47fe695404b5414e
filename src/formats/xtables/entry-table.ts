import type { Family } from '#facts/address.ts';
import type { Blob } from './blob.ts';
import type { XtBlob } from './decode.ts';
import { extensionHeader } from './entry-layout.ts';
import type { SetNames } from './module.ts';

/** What the rules of one table share. */
export interface EntryTable {
  readonly entries: Blob;
  readonly family: Family;
  readonly setNames: SetNames;
  /** User-defined chains by the offset of their first entry: jumps name offsets. */
  readonly chainStarts: ReadonlyMap<number, string>;
}

/** struct xt_entry_match or xt_entry_target with what follows it. */
export function extensionAt({ entries, family, setNames }: EntryTable, at: number, size: number): XtBlob {
  return {
    name: entries.text(at + extensionHeader.name, extensionHeader.nameLength),
    revision: entries.u8(at + extensionHeader.revision),
    info: entries.bytes.subarray(at + extensionHeader.size, at + size),
    family,
    littleEndian: entries.littleEndian,
    nft: false,
    setNames,
  };
}

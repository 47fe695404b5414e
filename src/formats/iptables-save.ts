import type { Family } from '#facts/address.ts';
import type { Result } from '#facts/result.ts';
import type { Backend, Ruleset } from '#facts/rule.ts';

/** Reads what `ip[6]tables-{legacy,nft}-save [-c]` prints, chunk by chunk. */
export function readIptablesSave(
  _chunks: Iterable<Uint8Array>,
  _of: { readonly backend: Backend; readonly family: Family; readonly source: string },
): Result<Ruleset> {
  throw new Error('not built yet');
}

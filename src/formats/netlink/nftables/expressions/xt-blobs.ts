import type { Family } from '#facts/address.ts';
import type { Match, Target } from '#facts/rule.ts';

interface Blob {
  readonly name: string;
  readonly revision: number;
  readonly info: Uint8Array;
  readonly family: Family;
  readonly littleEndian: boolean;
  readonly nft: true;
}

/** Stands in for the decoder of xt structs. */
export function decodeXtMatch(blob: Blob): { readonly matches: readonly Match[]; readonly text: string } {
  return { matches: [{ kind: 'unmodelled', module: blob.name, text: '' }], text: `-m ${blob.name} [not decoded]` };
}

export function decodeXtTarget(blob: Blob): { readonly target: Target; readonly text: string } {
  return { target: { kind: 'unmodelled', name: blob.name, text: '' }, text: `-j ${blob.name} [not decoded]` };
}

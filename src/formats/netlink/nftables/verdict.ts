import type { NftVerdict } from '#facts/nft.ts';
import { attributeLength, attributeType, be32 } from './bytes.ts';
import type { Names } from './names.ts';

const drop: NftVerdict = { kind: 'drop' };
const accept: NftVerdict = { kind: 'accept' };

/** The attributes of NFTA_DATA_VERDICT: NFTA_VERDICT_CODE 1, NFTA_VERDICT_CHAIN 2. Null where they tell no verdict. */
export function readVerdict(bytes: Uint8Array, range: { readonly start: number; readonly end: number }, names: Names): NftVerdict | null {
  let code: number | null = null;
  let chain: string | null = null;
  for (let at = range.start; at < range.end; ) {
    const length = attributeLength(bytes, at, range.end);
    if (length === 0) return null;
    const type = attributeType(bytes, at);
    if (type === 1 && length === 8) code = be32(bytes, at + 4) | 0;
    if (type === 2) chain = names.at(bytes, at + 4, at + length);
    at += (length + 3) & ~3;
  }
  return code === null ? null : verdictOf(code, chain);
}

/** NF_DROP 0, NF_ACCEPT 1, NF_QUEUE 3 with its number in the upper half, and the negative ones of enum nft_verdicts. */
function verdictOf(code: number, chain: string | null): NftVerdict | null {
  if (code === 0) return drop;
  if (code === 1) return accept;
  if (code === -1) return { kind: 'continue' };
  if (code === -2) return { kind: 'break' };
  if (code === -3 || code === -4) return chain === null ? null : { kind: code === -3 ? 'jump' : 'goto', chain };
  if (code === -5) return { kind: 'return' };
  if ((code & 0xff) === 3) return { kind: 'queue', number: code >>> 16, bypass: (code & 0x8000) !== 0 };
  return null;
}

/** The verdict in a nest of NFTA_DATA_VERDICT (2); null where it holds none. */
export function verdictInData(bytes: Uint8Array, range: { readonly start: number; readonly end: number }, names: Names): NftVerdict | null {
  const { start, end } = range;
  const length = attributeLength(bytes, start, end);
  if (length === 0 || (length + 3) >> 2 !== (end - start + 3) >> 2 || attributeType(bytes, start) !== 2) return null;
  return readVerdict(bytes, { start: start + 4, end: start + length }, names);
}

import type { NftExpression } from '#facts/nft.ts';
import type { Fields } from '../fields.ts';
import { type ExpressionDecoder, type Surroundings, unmodelled, xtFamily } from './decoder.ts';
import { decodeXtMatch, decodeXtTarget } from './xt-blobs.ts';

/** net/netfilter/nft_compat.c: NFTA_MATCH_NAME 1, REV 2, INFO 3; of targets alike. */
function match(fields: Fields, around: Surroundings): NftExpression {
  const family = xtFamily(around.family);
  const name = fields.text(1);
  if (family === null) return unmodelled(`match ${name}`, `an xt match in family ${around.family}`);
  const blob = { name, revision: fields.u32(2), info: fields.raw(3) };
  return { kind: 'xt-match', ...blob, ...decodeXtMatch({ ...blob, family, littleEndian: around.littleEndian, nft: true }) };
}

function target(fields: Fields, around: Surroundings): NftExpression {
  const family = xtFamily(around.family);
  const name = fields.text(1);
  if (family === null) return unmodelled(`target ${name}`, `an xt target in family ${around.family}`);
  const blob = { name, revision: fields.u32(2), info: fields.raw(3) };
  return { kind: 'xt-target', ...blob, ...decodeXtTarget({ ...blob, family, littleEndian: around.littleEndian, nft: true }) };
}

export const xtExpressions: Readonly<Record<string, ExpressionDecoder>> = {
  match: { known: 3, decode: match },
  target: { known: 3, decode: target },
};

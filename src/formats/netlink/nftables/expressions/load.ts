import type { NftExpression } from '#facts/nft.ts';
import type { Fields } from '../fields.ts';
import { ctKeys, fibFlags, metaKeys, rtKeys, socketKeys } from '../keys.ts';
import type { ExpressionDecoder } from './decoder.ts';

const bases = ['link', 'network', 'transport', 'inner', 'tunnel'] as const;
const headers = ['ipv6', 'tcp', 'ipv4', 'sctp', 'dccp'] as const;

/** net/netfilter/nft_payload.c: DREG 1, BASE 2, OFFSET 3, LEN 4, SREG 5; 6 to 8 say how a checksum is mended. */
function payload(fields: Fields): NftExpression {
  const place = { base: fields.oneOf(2, bases), offset: fields.u32(3), length: fields.u32(4) };
  if (fields.has(5)) return { kind: 'payload-set', ...place, from: fields.register(5) };
  return { kind: 'payload', base: place.base, offset: place.offset, length: place.length, to: fields.register(1) };
}

/** net/netfilter/nft_meta.c: DREG 1, KEY 2, SREG 3. */
function meta(fields: Fields): NftExpression {
  const key = fields.oneOf(2, metaKeys);
  return fields.has(3) ? { kind: 'meta-set', key, from: fields.register(3) } : { kind: 'meta', key, to: fields.register(1) };
}

/** net/netfilter/nft_ct.c: DREG 1, KEY 2, DIRECTION 3 (IP_CT_DIR_*), SREG 4. */
function ct(fields: Fields): NftExpression {
  const key = fields.oneOf(2, ctKeys);
  const direction = fields.has(3) ? (fields.u8(3) === 0 ? 'original' : 'reply') : null;
  return fields.has(4)
    ? { kind: 'ct-set', key, direction, from: fields.register(4) }
    : { kind: 'ct', key, direction, to: fields.register(1) };
}

/** net/netfilter/nft_exthdr.c: DREG 1, TYPE 2, OFFSET 3, LEN 4, FLAGS 5, OP 6, SREG 7. Without DREG and SREG an option is stripped. */
function exthdr(fields: Fields): NftExpression {
  const header = fields.has(6) ? fields.oneOf(6, headers) : 'ipv6';
  const type = fields.u8(2);
  if (!fields.has(1)) return { kind: 'exthdr-set', header, type, text: fields.has(7) ? 'set' : 'reset' };
  const present = fields.flags(5, { 1: 'present' }).length > 0;
  return { kind: 'exthdr', header, type, offset: fields.u32(3), length: fields.u32(4), present, to: fields.register(1) };
}

/** net/netfilter/nft_fib.c: DREG 1, RESULT 2, FLAGS 3. */
function fib(fields: Fields): NftExpression {
  const result = fields.oneOf(2, ['', 'oif', 'oifname', 'type']);
  if (result === '') fields.problem ??= 'result 0 is not known';
  return { kind: 'fib', result: result === '' ? 'oif' : result, flags: fields.flags(3, fibFlags), to: fields.register(1) };
}

/** net/netfilter/nft_numgen.c: DREG 1, MODULUS 2, TYPE 3, OFFSET 4. */
function numgen(fields: Fields): NftExpression {
  const type = fields.oneOf(3, ['incremental', 'random']);
  return { kind: 'numgen', type, modulus: fields.u32(2), offset: fields.u32Or(4, 0), to: fields.register(1) };
}

/** net/netfilter/nft_hash.c: SREG 1, DREG 2, LEN 3, MODULUS 4, SEED 5, OFFSET 6, TYPE 7. A seed that the kernel chose is not dumped. */
function hash(fields: Fields): NftExpression {
  const type = fields.has(7) ? fields.oneOf(7, ['jhash', 'symhash']) : 'jhash';
  const common = { modulus: fields.u32(4), offset: fields.u32Or(6, 0), to: fields.register(2) };
  if (type === 'symhash') return { kind: 'hash', type, from: null, length: 0, seed: null, ...common };
  return { kind: 'hash', type, from: fields.register(1), length: fields.u32(3), seed: fields.has(5) ? fields.u32(5) : null, ...common };
}

export const loads: Readonly<Record<string, ExpressionDecoder>> = {
  payload: { known: 8, decode: payload },
  meta: { known: 3, decode: meta },
  ct: { known: 4, decode: ct },
  exthdr: { known: 7, decode: exthdr },
  fib: { known: 3, decode: fib },
  numgen: { known: 4, decode: numgen },
  hash: { known: 7, decode: hash },
  /** net/netfilter/nft_rt.c: DREG 1, KEY 2. */
  rt: { known: 2, decode: (fields) => ({ kind: 'rt', key: fields.oneOf(2, rtKeys), to: fields.register(1) }) },
  /** net/netfilter/nft_socket.c: KEY 1, DREG 2, LEVEL 3. */
  socket: {
    known: 3,
    decode: (fields) => ({ kind: 'socket', key: fields.oneOf(1, socketKeys), level: fields.u32Or(3, 0), to: fields.register(2) }),
  },
};

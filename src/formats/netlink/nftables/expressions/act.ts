import type { NftExpression } from '#facts/nft.ts';
import type { Fields } from '../fields.ts';
import { families, natFlags } from '../keys.ts';
import { type ExpressionDecoder, type Surroundings, unmodelled } from './decoder.ts';
import { logText } from './log-text.ts';

const rejections = ['icmp-unreachable', 'tcp-reset', 'icmpx-unreachable'] as const;

/** net/netfilter/nft_reject.c: TYPE 1, ICMP_CODE 2. */
function reject(fields: Fields): NftExpression {
  return { kind: 'reject', type: fields.oneOf(1, rejections), code: fields.has(2) ? fields.u8(2) : 0 };
}

/** net/netfilter/nft_nat.c: TYPE 1, FAMILY 2, REG_ADDR_MIN 3, REG_ADDR_MAX 4, REG_PROTO_MIN 5, REG_PROTO_MAX 6, FLAGS 7. */
function nat(fields: Fields): NftExpression {
  const family = families[fields.u32(2)];
  if (family === undefined) return unmodelled('nat', `family ${fields.u32(2)}`);
  return {
    kind: 'nat',
    type: fields.oneOf(1, ['snat', 'dnat']),
    family,
    addressFrom: fields.registerOrNull(3),
    addressTo: fields.registerOrNull(4),
    portFrom: fields.registerOrNull(5),
    portTo: fields.registerOrNull(6),
    flags: fields.flags(7, natFlags),
  };
}

/** net/netfilter/nft_masq.c: FLAGS 1, REG_PROTO_MIN 2, REG_PROTO_MAX 3. */
function masquerade(fields: Fields): NftExpression {
  return { kind: 'masquerade', portFrom: fields.registerOrNull(2), portTo: fields.registerOrNull(3), flags: fields.flags(1, natFlags) };
}

/** net/netfilter/nft_redir.c: REG_PROTO_MIN 1, REG_PROTO_MAX 2, FLAGS 3. */
function redirect(fields: Fields): NftExpression {
  return { kind: 'redirect', portFrom: fields.registerOrNull(1), portTo: fields.registerOrNull(2), flags: fields.flags(3, natFlags) };
}

/** net/netfilter/nft_tproxy.c: FAMILY 1, REG_ADDR 2, REG_PORT 3. Family 0: the packet's. */
function tproxy(fields: Fields, around: Surroundings): NftExpression {
  const number = fields.u32(1);
  const family = number === 0 ? around.family : families[number];
  if (family === undefined) return unmodelled('tproxy', `family ${number}`);
  return { kind: 'tproxy', family, address: fields.registerOrNull(2), port: fields.registerOrNull(3) };
}

/** net/netfilter/nft_queue.c: NUM 1, TOTAL 2, FLAGS 3 (BYPASS 1, CPU_FANOUT 2), SREG_QNUM 4. */
function queue(fields: Fields): NftExpression {
  const bypass = fields.has(3) && (fields.u16(3) & 1) !== 0;
  if (fields.has(4)) return { kind: 'queue', first: 0, last: 0, register: fields.register(4), bypass };
  const first = fields.u16(1);
  return { kind: 'queue', first, last: first + Math.max(1, fields.has(2) ? fields.u16(2) : 1) - 1, register: null, bypass };
}

function log(fields: Fields): NftExpression {
  return { kind: 'log', prefix: fields.has(2) ? fields.text(2) : '', text: logText(fields) };
}

export const actions: Readonly<Record<string, ExpressionDecoder>> = {
  reject: { known: 2, decode: reject },
  nat: { known: 7, decode: nat },
  masq: { known: 3, decode: masquerade },
  redir: { known: 3, decode: redirect },
  tproxy: { known: 3, decode: tproxy },
  queue: { known: 4, decode: queue },
  notrack: { known: 0, decode: () => ({ kind: 'notrack' }) },
  log: { known: 6, decode: log },
  /** net/netfilter/nft_dup_netdev.c, nft_dup_ipv4.c: SREG_ADDR 1, SREG_DEV 2. */
  dup: { known: 2, decode: () => ({ kind: 'dup', text: 'dup' }) },
  /** net/netfilter/nft_fwd_netdev.c: SREG_DEV 1, SREG_ADDR 2, NFPROTO 3. */
  fwd: { known: 3, decode: () => ({ kind: 'forward', text: 'fwd' }) },
  synproxy: { known: 3, decode: () => ({ kind: 'synproxy' }) },
  /** net/netfilter/nft_flow_offload.c: TABLE_NAME 1. */
  flow_offload: { known: 1, decode: (fields) => ({ kind: 'flow-offload', table: fields.text(1) }) },
};

import type { NftExpression } from '#facts/nft.ts';
import type { ValueType } from './values.ts';

/** What a register holds, in nft's words. */
export interface Term {
  readonly text: string;
  readonly type: ValueType;
  /** A value of the rule itself. */
  readonly constant?: Uint8Array;
  /** Of `text`, not yet part of it. */
  readonly mask?: Uint8Array;
  /** Field of a header that this protocol or network family alone has: nft leaves out the comparison that asks for it. */
  readonly needs?: string;
}

const network = (name: ValueType['name']): ValueType => ({ name, order: 'network' });
const host = (name: ValueType['name']): ValueType => ({ name, order: 'host' });
export const plainHex = network('hex');

const metaTypes: Readonly<Record<string, ValueType>> = {
  mark: host('mark'),
  iifname: network('name'),
  oifname: network('name'),
  iifkind: network('name'),
  oifkind: network('name'),
  sdifname: network('name'),
  ibrname: network('name'),
  obrname: network('name'),
  l4proto: network('protocol'),
  nfproto: network('nfproto'),
  protocol: network('ethertype'),
  pkttype: network('pkttype'),
  priority: host('hex'),
};
/** Keys that nft words without `meta`. */
const unqualified = new Set(['iif', 'oif', 'iifname', 'oifname', 'iiftype', 'oiftype', 'iifgroup', 'oifgroup']);

export function metaTerm(key: string): Term {
  return { text: unqualified.has(key) ? key : `meta ${key}`, type: metaTypes[key] ?? host('number') };
}

const ctTypes: Readonly<Record<string, ValueType>> = {
  state: host('state'),
  status: host('status'),
  mark: host('mark'),
  direction: network('direction'),
  protocol: network('protocol'),
  l3protocol: network('nfproto'),
  proto_src: network('number'),
  proto_dst: network('number'),
  src_ip: network('ipv4'),
  dst_ip: network('ipv4'),
  src_ip6: network('ipv6'),
  dst_ip6: network('ipv6'),
  saddr: network('ipv4'),
  daddr: network('ipv4'),
  helper: network('name'),
  label: network('hex'),
};
const ctWords: Readonly<Record<string, string>> = {
  src_ip: 'ip saddr',
  dst_ip: 'ip daddr',
  src_ip6: 'ip6 saddr',
  dst_ip6: 'ip6 daddr',
  proto_src: 'proto-src',
  proto_dst: 'proto-dst',
  l3protocol: 'l3proto',
};

export function ctTerm({ key, direction }: { readonly key: string; readonly direction: string | null }): Term {
  return { text: ['ct', direction, ctWords[key] ?? key].filter((word) => word !== null).join(' '), type: ctTypes[key] ?? host('number') };
}

/** Other loads, whose words are their own. Null: no load. */
export function otherTerm(expression: NftExpression, from: (register: number) => string): Term | null {
  switch (expression.kind) {
    case 'fib':
      return fibTerm(expression);
    case 'rt':
      return { text: `rt ${expression.key}`, type: host('number') };
    case 'socket':
      return { text: `socket ${expression.key}`, type: expression.key === 'mark' ? host('mark') : host('number') };
    case 'numgen':
      return {
        text: `numgen ${shortType(expression.type)} mod ${expression.modulus}${offsetText(expression.offset)}`,
        type: host('number'),
      };
    case 'hash':
      return { text: hashText(expression, from), type: host('number') };
    case 'exthdr':
      return { text: exthdrText(expression), type: network(expression.present ? 'presence' : 'number') };
    default:
      return null;
  }
}

function fibTerm({ flags, result }: Extract<NftExpression, { kind: 'fib' }>): Term {
  const text = `fib ${flags.filter((flag) => flag !== 'present').join(' . ')} ${result}`;
  return { text, type: flags.includes('present') ? network('presence') : fibType(result) };
}

function fibType(result: string): ValueType {
  return result === 'type' ? host('fibtype') : result === 'oifname' ? network('name') : host('number');
}

const shortType = (type: 'random' | 'incremental'): string => (type === 'random' ? 'random' : 'inc');
const offsetText = (offset: number): string => (offset === 0 ? '' : ` offset ${offset}`);

function hashText(hash: Extract<NftExpression, { kind: 'hash' }>, from: (register: number) => string): string {
  const what = hash.from === null ? 'symhash' : `jhash ${from(hash.from)}`;
  const seed = hash.seed === null ? '' : ` seed 0x${hash.seed.toString(16)}`;
  return `${what} mod ${hash.modulus}${seed}${offsetText(hash.offset)}`;
}

function exthdrText({ header, type, offset, length, present }: Extract<NftExpression, { kind: 'exthdr' }>): string {
  const name = header === 'tcp' ? 'tcp option' : header === 'ipv6' ? 'exthdr' : header === 'ipv4' ? 'ip option' : `${header} chunk`;
  return present ? `${name} ${type}` : `${name} @${type},${offset * 8},${length * 8}`;
}

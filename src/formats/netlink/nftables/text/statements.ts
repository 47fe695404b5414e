import type { NftExpression } from '#facts/nft.ts';
import { verdictText } from './sets.ts';

/** Statements that need no register; `network`: of the packets that come to it, where the rule or its table says so. Null: it is none of them. */
export function plainStatement(expression: NftExpression, network: string | null): string | null {
  switch (expression.kind) {
    case 'verdict':
      return verdictText(expression.verdict);
    case 'counter':
      return `counter packets ${expression.packets} bytes ${expression.bytes}`;
    case 'limit':
      return limitText(expression);
    case 'quota':
      return `quota ${expression.over ? 'over ' : ''}${bytesText(expression.bytes)}`;
    case 'connlimit':
      return `ct count ${expression.over ? 'over ' : ''}${expression.count}`;
    case 'log':
      return `log ${expression.text}`.trim();
    case 'reject':
      return rejectText(expression, network);
    case 'object':
      return expression.text;
    case 'notrack':
    case 'last':
    case 'synproxy':
      return expression.kind;
    case 'flow-offload':
      return `flow add @${expression.table}`;
    case 'dup':
    case 'forward':
      return expression.text;
    case 'exthdr-set':
      return `${expression.text} ${expression.header} option ${expression.type}`;
    case 'xt-match':
    case 'xt-target':
      return `xt (${expression.text})`;
    case 'unmodelled':
      return `[${expression.name}: ${expression.because}]`;
    default:
      return null;
  }
}

const seconds: Readonly<Record<number, string>> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day', 604800: 'week' };

function limitText({ rate, per, burst, unit, over }: Extract<NftExpression, { kind: 'limit' }>): string {
  const amount = unit === 'bytes' ? bytesText(rate) : String(rate);
  const usual = unit === 'bytes' ? burst === 0 : burst === 5;
  return `limit rate ${over ? 'over ' : ''}${amount}/${seconds[per] ?? `${per} seconds`}${usual ? '' : ` burst ${unit === 'bytes' ? bytesText(burst) : `${burst} packets`}`}`;
}

/** In the greatest unit that it is a whole number of. */
function bytesText(bytes: number): string {
  const units = ['bytes', 'kbytes', 'mbytes'];
  let rest = bytes;
  let at = 0;
  while (at < units.length - 1 && rest !== 0 && rest % 1024 === 0) {
    rest /= 1024;
    at++;
  }
  return `${rest} ${units[at]}`;
}

const unreachable4 = ['net', 'host', 'prot', 'port', 'frag-needed', 'source-route-failed'];
const names4: Readonly<Record<number, string>> = { 9: 'net-prohibited', 10: 'host-prohibited', 13: 'admin-prohibited' };
const names6: Readonly<Record<number, string>> = {
  0: 'no-route',
  1: 'admin-prohibited',
  3: 'addr-unreachable',
  5: 'policy-fail',
  6: 'reject-route',
};
const namesX = ['no-route', 'port-unreachable', 'host-unreachable', 'admin-prohibited'];

function rejectText({ type, code }: Extract<NftExpression, { kind: 'reject' }>, network: string | null): string {
  if (type === 'tcp-reset') return 'reject with tcp reset';
  if (type === 'icmpx-unreachable') return code === 1 ? 'reject' : `reject with icmpx ${namesX[code] ?? code}`;
  if (network === 'ip6') return code === 4 ? 'reject' : `reject with icmpv6 ${names6[code] ?? code}`;
  if (network === 'ip' && code === 3) return 'reject';
  const name = names4[code] ?? (unreachable4[code] === undefined ? String(code) : `${unreachable4[code]}-unreachable`);
  return `reject with icmp ${name}`;
}

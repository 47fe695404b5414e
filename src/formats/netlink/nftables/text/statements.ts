import type { NftExpression } from '#facts/nft.ts';
import { verdictText } from './sets.ts';

/** Statements that need no register. Null: it is none of them. */
export function plainStatement(expression: NftExpression): string | null {
  switch (expression.kind) {
    case 'verdict':
      return verdictText(expression.verdict);
    case 'counter':
      return `counter packets ${expression.packets} bytes ${expression.bytes}`;
    case 'limit':
      return limitText(expression);
    case 'quota':
      return `quota ${expression.over ? 'over ' : ''}${expression.bytes} bytes`;
    case 'connlimit':
      return `ct count ${expression.over ? 'over ' : ''}${expression.count}`;
    case 'log':
      return `log ${expression.text}`.trim();
    case 'reject':
      return rejectText(expression);
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
  const amount = unit === 'bytes' ? `${rate} bytes` : String(rate);
  const usual = unit === 'bytes' ? burst === 0 : burst === 5;
  return `limit rate ${over ? 'over ' : ''}${amount}/${seconds[per] ?? `${per} seconds`}${usual ? '' : ` burst ${burst} ${unit}`}`;
}

const unreachable4 = ['net', 'host', 'prot', 'port', 'frag-needed', 'source-route-failed'];
const names4: Readonly<Record<number, string>> = { 9: 'net-prohibited', 10: 'host-prohibited', 13: 'admin-prohibited' };
const namesX = ['no-route', 'port-unreachable', 'host-unreachable', 'admin-prohibited'];

function rejectText({ type, code }: Extract<NftExpression, { kind: 'reject' }>): string {
  if (type === 'tcp-reset') return 'reject with tcp reset';
  if (type === 'icmpx-unreachable') return code === 1 ? 'reject' : `reject with icmpx ${namesX[code] ?? code}`;
  const name = names4[code] ?? (unreachable4[code] === undefined ? String(code) : `${unreachable4[code]}-unreachable`);
  return `reject with icmp ${name}`;
}

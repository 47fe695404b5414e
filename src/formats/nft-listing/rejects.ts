import { type JsonObject, textOf } from '../json-fields.ts';
import { typed } from './data-types.ts';
import { notCompiled } from './not-compiled.ts';
import type { RuleState } from './rule-state.ts';
import { describe, numberOfValue } from './values.ts';

const codes = { icmp: typed('icmp_code'), icmpv6: typed('icmpv6_code'), icmpx: typed('icmpx_code') } as const;

const code = (type: keyof typeof codes, value: unknown): number => Number(numberOfValue(codes[type], value));

/** `reject`, `reject with icmp host-unreachable`. net/netfilter/nft_reject.c. Without a type it is the port that is unreachable. */
export function compileReject(rule: RuleState, value: JsonObject): void {
  const given = textOf(value['type']);
  if (given === 'tcp reset') {
    rule.requireTransport(6);
    rule.out.push({ kind: 'reject', type: 'tcp-reset', code: 0 });
    return;
  }
  const type = given ?? defaultType(rule);
  if (type !== 'icmp' && type !== 'icmpv6' && type !== 'icmpx') return notCompiled(`reject with ${describe(given)}`);
  if (type !== 'icmpx') rule.requireNetwork(type === 'icmp' ? 'ip' : 'ip6');
  rule.out.push({
    kind: 'reject',
    type: type === 'icmpx' ? 'icmpx-unreachable' : 'icmp-unreachable',
    code: code(type, value['expr'] ?? 'port-unreachable'),
  });
}

function defaultType(rule: RuleState): string {
  if (rule.network === 'ip') return 'icmp';
  return rule.network === 'ip6' ? 'icmpv6' : 'icmpx';
}

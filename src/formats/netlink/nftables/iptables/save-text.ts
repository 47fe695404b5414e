import type { Family } from '#facts/address.ts';
import type { NftRuleset } from '#facts/nft.ts';
import type { Chain } from '#facts/rule.ts';
import { asRuleset } from './ruleset.ts';

/** Whole tables as `iptables-nft-save`, or with `counters` `iptables-nft-save -c`, prints them, without its comments. */
export function asIptablesSave(ruleset: NftRuleset, family: Family, counters = false): string {
  const lines: string[] = [];
  for (const { name, chains } of asRuleset(ruleset, family).tables.values()) {
    lines.push(`*${name}`, ...[...chains.values()].map(declaration));
    for (const chain of chains.values()) for (const rule of chain.rules) lines.push(ruleLine(chain.name, rule, counters));
    lines.push('COMMIT');
  }
  return lines.map((line) => `${line}\n`).join('');
}

function declaration({ name, policy, packets, bytes }: Chain): string {
  return `:${name} ${policy ?? '-'} [${packets ?? 0}:${bytes ?? 0}]`;
}

function ruleLine(chain: string, rule: Chain['rules'][number], counters: boolean): string {
  const count = counters ? `[${rule.packets ?? 0}:${rule.bytes ?? 0}] ` : '';
  return `${count}-A ${chain}${rule.text === '' ? '' : ` ${rule.text}`}`;
}

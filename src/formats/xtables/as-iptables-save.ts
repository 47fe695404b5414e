import { type Chain, type Ruleset, ruleCommand } from '#facts/rule.ts';

/** A ruleset as `iptables-save` (with `counters`: `iptables-save -c`) prints it, without the comments that name tool and time. */
export function asIptablesSave(ruleset: Ruleset, options: { readonly counters: boolean } = { counters: false }): string {
  const lines: string[] = [];
  for (const { name, chains } of ruleset.tables.values()) {
    lines.push(`*${name}`);
    for (const chain of chains.values()) lines.push(`:${chain.name} ${chain.policy ?? '-'} ${counted(chain)}`);
    for (const chain of chains.values()) {
      for (const rule of chain.rules)
        lines.push(`${options.counters ? `${counted(rule)} ` : ''}${ruleCommand(chain.name, rule)}`.trimEnd());
    }
    lines.push('COMMIT');
  }
  return lines.map((line) => `${line}\n`).join('');
}

const counted = ({ packets, bytes }: Pick<Chain, 'packets' | 'bytes'>): string => `[${packets ?? 0}:${bytes ?? 0}]`;

import { createHash } from 'node:crypto';

/** One table's part of an `iptables-restore --noflush` input. */
export interface Section {
  readonly table: 'raw' | 'mangle' | 'nat' | 'filter';
  /** Chains of ours, created or emptied. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Rules for the kernel's own chains: `-I INPUT 1 ...` or `-A FORWARD ...`, in this order. */
  readonly hooks: readonly string[];
}

export function restoreInput(sections: readonly Section[]): string {
  return sections.map(sectionText).join('');
}

function sectionText(section: Section): string {
  const declarations = [...section.chains.keys()].map((chain) => `:${chain} - [0:0]`);
  const rules = [...section.chains].flatMap(([chain, list]) => list.map((rule) => `-A ${chain} ${rule}`));
  return [`*${section.table}`, ...declarations, ...rules, ...section.hooks, 'COMMIT', ''].join('\n');
}

/** The text that Calico puts first into every rule's comment: `cali:` and 16 characters of a hash over chain, place and rule. */
export function caliHash(chain: string, index: number, rule: string): string {
  return `cali:${createHash('sha256').update(`${chain} ${index} ${rule}`).digest('base64url').slice(0, 16)}`;
}

/** Puts Calico's hash comment before every rule of a chain. */
export function hashed(chain: string, rules: readonly string[]): readonly string[] {
  return rules.map((rule, index) => `-m comment --comment "${caliHash(chain, index, rule)}" ${rule}`);
}

/** Names longer than iptables' 28 characters end in a hash: prefix, `_`, base64url of sha256, cut (facts of Calico v3.18). */
export function chainName(prefix: string, suffix: string): string {
  if (prefix.length + suffix.length <= 28) return prefix + suffix;
  return `${prefix}_${createHash('sha256').update(suffix).digest('base64url')}`.slice(0, 28);
}

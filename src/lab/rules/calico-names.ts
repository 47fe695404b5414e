import { createHash } from 'node:crypto';

const maxChainName = 28;

/** A chain name as Calico cuts it: over 28 characters the suffix becomes `_` and the head of its hash. */
export function chainName(prefix: string, suffix: string): string {
  const plain = prefix + suffix;
  if (plain.length <= maxChainName) return plain;
  return `${prefix}_${createHash('sha256').update(suffix).digest('base64url')}`.slice(0, maxChainName);
}

/** The veth's name on the node: `cali` and 11 hex digits of the workload's hash. */
export function interfaceName(namespace: string, pod: string): string {
  return `cali${createHash('sha1').update(`${namespace}.${pod}`).digest('hex').slice(0, 11)}`;
}

/** The comment that marks a rule as Calico's and tells whether it still is what Calico wrote: 16 characters of a running hash. */
export function ruleHashes(chain: string, rules: readonly string[]): readonly string[] {
  let last = createHash('sha256').update(chain).digest('base64url');
  return rules.map((rule) => {
    last = createHash('sha256').update(`${last} ${rule}`).digest('base64url');
    return `cali:${last.slice(0, 16)}`;
  });
}

/** The ipset of a policy's selector, behind `cali40` or `cali60`: Calico names these `s:` and a hash. */
export const policySet = `s:${createHash('sha256').update('shop pods').digest('base64url').replaceAll(/\W/g, '').slice(0, 20)}`;

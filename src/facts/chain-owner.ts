import type { Owner } from './ownership.ts';
import type { Rule } from './rule.ts';

const prefixes: readonly (readonly [prefix: string, owner: Owner])[] = [
  ['cali-', 'calico'],
  ['califw-', 'calico'],
  ['calitw-', 'calico'],
  ['califh-', 'calico'],
  ['calith-', 'calico'],
  ['calipi-', 'calico'],
  ['calipo-', 'calico'],
  ['felix-', 'calico'],
  ['KUBE-KUBELET-', 'kubelet'],
  ['KUBE-IPTABLES-HINT', 'kubelet'],
  ['KUBE-', 'kube-proxy'],
  ['DOCKER', 'docker'],
  ['FLANNEL-', 'flannel'],
  ['CILIUM_', 'cilium'],
  ['OLD_CILIUM_', 'cilium'],
  ['CNI-', 'cni-portmap'],
  ['ufw-', 'ufw'],
  ['ufw6-', 'ufw'],
];

/**
 * Who writes a chain of this name. Names as Calico v3.8 to v3.32, kubelet and kube-proxy 1.17 on, Docker, flannel, Cilium,
 * the CNI portmap plugin and ufw create them. KUBE-FIREWALL and KUBE-MARK-DROP are the kubelet's up to 1.27.
 */
export function ownerOfChain(name: string): Owner {
  if (name === 'KUBE-FIREWALL' || name === 'KUBE-MARK-DROP') return 'kubelet';
  return prefixes.find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'other';
}

/** The owner of a rule: its chain's, and in a chain of nobody the owner of the chain it jumps to, or of Calico's `cali:HASH` comment. */
export function ownerOfRule(chain: string, rule: Rule): Owner {
  const own = ownerOfChain(chain);
  if (own !== 'other') return own;
  if (rule.target.kind === 'jump' || rule.target.kind === 'goto') {
    const target = ownerOfChain(rule.target.chain);
    if (target !== 'other') return target;
  }
  const calico = rule.matches.some((match) => match.kind === 'comment' && /^cali:[\w-]{16}$/.test(match.text));
  return calico ? 'calico' : 'other';
}

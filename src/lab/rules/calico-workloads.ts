import type { LabPod } from '../plan.ts';
import { chainName } from './section.ts';

type Chains = Readonly<Record<string, readonly string[]>>;
const accepted = '-m mark --mark 0x10000/0x10000';
const accept = '-j MARK --set-xmark 0x10000/0x10000';
const open = '-m mark --mark 0x0/0x20000';

/** Dispatch chains, the two chains of every workload, and the profiles and policies that they use. */
export function workloadChains(family: 'ip' | 'ip6', pods: readonly LabPod[]): Chains {
  const perPod = pods.map((pod) => ({ [`cali-tw-${pod.interface}`]: toWorkload(pod), [`cali-fw-${pod.interface}`]: fromWorkload(pod) }));
  const namespaces = [...new Set(pods.map((pod) => pod.namespace))];
  return Object.assign(
    {},
    dispatch('from', pods),
    dispatch('to', pods),
    ...perPod,
    ...namespaces.map((namespace) => profile(namespace)),
    policy(family, pods),
  );
}

/** One rule per workload; workloads that share the digit after `cali` sit in a chain of their own. Every chain ends in DROP. */
function dispatch(direction: 'from' | 'to', pods: readonly LabPod[]): Chains {
  const flag = direction === 'from' ? '-i' : '-o';
  const prefix = direction === 'from' ? 'cali-fw-' : 'cali-tw-';
  const unknown = '-m comment --comment "Unknown interface" -j DROP';
  const root = `cali-${direction}-wl-dispatch`;
  const groups = Map.groupBy(pods.map((pod) => pod.interface).sort(), (name) => name.slice(4, 5));
  const chains: Record<string, readonly string[]> = {};
  const top: string[] = [];
  for (const [digit, names] of [...groups].sort()) {
    const rules = names.map((name) => `${flag} ${name} -g ${prefix}${name}`);
    if (rules.length > 1) chains[`${root}-${digit}`] = [...rules, unknown];
    top.push(...(rules.length > 1 ? [`${flag} cali${digit}+ -g ${root}-${digit}`] : rules));
  }
  return { [root]: [...top, unknown], ...chains };
}

function toWorkload(pod: LabPod): readonly string[] {
  return [...workloadStart(), ...policies(pod, 'pi'), ...profiles(pod, 'pri')];
}

function fromWorkload(pod: LabPod): readonly string[] {
  const encapsulated = [
    '-p udp -m comment --comment "Drop VXLAN from workloads" -m multiport --dports 4789 -j DROP',
    '-p 4 -m comment --comment "Drop IPIP from workloads" -j DROP',
  ];
  return [...workloadStart(), ...encapsulated, ...profiles(pod, 'pro')];
}

function workloadStart(): readonly string[] {
  return [
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-m conntrack --ctstate INVALID -j DROP',
    '-j MARK --set-xmark 0x0/0x10000',
  ];
}

function policies(pod: LabPod, kind: 'pi'): readonly string[] {
  if (pod.app !== 'cart') return [];
  return [
    '-m comment --comment "Start of policies" -j MARK --set-xmark 0x0/0x20000',
    `${open} -j ${policyChain(kind)}`,
    `-m comment --comment "Return if policy accepted" ${accepted} -j RETURN`,
    `-m comment --comment "Drop if no policies passed packet" ${open} -j DROP`,
  ];
}

function profiles(pod: LabPod, kind: 'pri' | 'pro'): readonly string[] {
  return [
    `-j ${chainName(`cali-${kind}-`, `kns.${pod.namespace}`)}`,
    `-m comment --comment "Return if profile accepted" ${accepted} -j RETURN`,
    `-j ${chainName(`cali-${kind}-`, `ksa.${pod.namespace}.default`)}`,
    `-m comment --comment "Return if profile accepted" ${accepted} -j RETURN`,
    '-m comment --comment "Drop if no profiles matched" -j DROP',
  ];
}

function profile(namespace: string): Chains {
  const name = (kind: 'pri' | 'pro', what: string) => chainName(`cali-${kind}-`, what);
  return {
    [name('pri', `kns.${namespace}`)]: [accept, `${accepted} -j RETURN`],
    [name('pro', `kns.${namespace}`)]: [accept, `${accepted} -j RETURN`],
    [name('pri', `ksa.${namespace}.default`)]: [],
    [name('pro', `ksa.${namespace}.default`)]: [],
  };
}

function policyChain(kind: 'pi'): string {
  return chainName(`cali-${kind}-`, 'shop/knp.default.cart-from-shop-and-host');
}

/** The ipset that the one policy of the lab names: every pod of namespace shop. */
export function policySet(family: 'ip' | 'ip6'): string {
  return `${family === 'ip' ? 'cali40' : 'cali60'}s:shopPodsOfTheLab0123456`;
}

/** shop/cart takes TCP 8080 from shop's pods; pings and the node itself from anywhere. */
function policy(family: 'ip' | 'ip6', pods: readonly LabPod[]): Chains {
  if (!pods.some((pod) => pod.app === 'cart')) return {};
  const ping = family === 'ip' ? '-p icmp' : '-p ipv6-icmp';
  const rules = [`-p tcp -m set --match-set ${policySet(family)} src -m multiport --dports 8080`, ping];
  return { [policyChain('pi')]: rules.flatMap((rule) => [`${rule} ${accept}`, `${accepted} -j RETURN`]) };
}

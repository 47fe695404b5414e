import type { Family } from '#facts/address.ts';
import { conclude, type Fault, type Outcome, ruledOut } from './check.ts';
import { type KnownInterfaces, knownInterfaces } from './known-interfaces.ts';
import type { NodeNetwork } from './node-network.ts';

/** Every live workload interface is known to the dispatch chains of each backend that has any: what they do not know, they drop. */
export function endpointRules(network: NodeNetwork): Outcome {
  const surveys = (['legacy', 'nft'] as const).flatMap((backend) =>
    familiesOf(network).map((family) => ({ backend, family, known: knownInterfaces(network.snapshot, backend, family) })),
  );
  const known = surveys.flatMap((survey) => (survey.known.kind === 'read' && survey.known.value.dispatches ? [survey.known.value] : []));
  const unread = surveys.flatMap(({ known: reading }) => (reading.kind === 'missing' ? [`${reading.source}: ${reading.because}`] : []));
  const none = known.length === 0 && unread.length === 0 && network.workloadLinks.length > 0;
  return conclude({
    faults: known.flatMap((rules) => unknownTo(network, rules)),
    missing: [
      ...unread,
      ...(network.linksMissing === null ? [] : [network.linksMissing]),
      ...(none ? ["Calico's dispatch chains: neither iptables backend has any (eBPF, nftables mode, or nothing programmed)"] : []),
    ],
    otherwise: () =>
      ruledOut(
        known.map((rules) => `${rules.backend} ${rules.family}: knows all`).join(', ') || 'no workload interfaces',
        known.flatMap(({ at }) =>
          at === null ? [] : [{ at: { at, text: at.text }, says: 'only interfaces that are not named before reach this' }],
        ),
      ),
  });
}

function unknownTo(network: NodeNetwork, rules: KnownInterfaces): readonly Fault[] {
  const live = liveInterfaces(network, rules.family);
  const strangers = live.filter((name) => !rules.from.has(name) || !rules.to.has(name));
  const place = `${rules.backend} ${rules.family}`;
  return strangers.map((name) => ({
    subject: name,
    says: `not in the dispatch chains of ${place}, which know ${live.length - strangers.length} of ${live.length} live interfaces`,
    at: rules.at === null ? null : { at: rules.at, text: rules.at.text },
  }));
}

/** Interfaces of running pods with an address of this family; where pods are not known, all of Calico's interfaces. */
function liveInterfaces(network: NodeNetwork, family: Family): readonly string[] {
  if (network.endpointsMissing !== null) return network.workloadLinks.filter((link) => link.up).map((link) => link.name);
  const routed = network.endpoints.flatMap(({ address, route }) => (address.family === family ? (route?.interface ?? []) : []));
  return [...new Set(routed)].filter((name) => name.startsWith('cali') && network.links.has(name));
}

function familiesOf(network: NodeNetwork): readonly Family[] {
  const used = new Set(network.endpoints.map((endpoint) => endpoint.address.family));
  return used.size === 0 ? ['ip'] : [...used];
}

import type { Address } from '#facts/address.ts';
import { formatAddress } from '#facts/address.ts';
import type { InterfaceComparison } from '#facts/backend-report.ts';
import type { Link } from '#facts/network.ts';
import { missing, type Reading, read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { knownInterfaces, readDispatch } from './calico-dispatch.ts';
import { dumpsOf } from './rulesets-of.ts';

/** For every ruleset with Calico's dispatch chains: the interfaces that it knows against those that are there. */
export function compareInterfaces(snapshot: Snapshot): Reading<readonly InterfaceComparison[]> {
  const { links } = snapshot;
  if (links.kind === 'missing') return missing(links.source, links.because);
  const pods = podsByInterface(snapshot);
  const comparisons: InterfaceComparison[] = [];
  for (const { backend, family, reading } of dumpsOf(snapshot)) {
    const dispatch = reading.kind === 'read' ? readDispatch(reading.value) : null;
    if (dispatch === null) continue;
    const known = knownInterfaces(dispatch);
    const live = liveWorkloads(links.value, dispatch.prefixes);
    const unknown = without(live, known);
    const gone = without(
      [...new Set([...dispatch.from, ...dispatch.to])].sort(),
      links.value.map(({ name }) => name),
    );
    const unknownPods = unknown.flatMap((name) => (pods.get(name) ?? []).map((pod) => ({ interface: name, pod })));
    const evidence = dispatch.unknownInterfaceDrop === null ? [] : [dispatch.unknownInterfaceDrop];
    comparisons.push({ backend, family, known, live, unknown, gone, unknownPods, evidence });
  }
  return read(comparisons, links.source);
}

/** veths of workloads that are up. A link whose kind the kernel does not name counts: its name says enough. */
function liveWorkloads(links: readonly Link[], prefixes: readonly string[]): readonly string[] {
  const workload = ({ name, kind, up }: Link): boolean =>
    up && (kind === 'veth' || kind === null) && prefixes.some((prefix) => name.startsWith(prefix));
  return links
    .filter(workload)
    .map(({ name }) => name)
    .sort();
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Set(others);
  return names.filter((name) => !left.has(name));
}

/** Pods by the interface that a route to exactly their address leads to. */
function podsByInterface({ pods, routes }: Snapshot): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  if (pods.kind === 'missing' || routes.kind === 'missing') return found;
  const interfaces = new Map<string, string>();
  for (const { destination, interface: device } of routes.value) {
    const { family, words, bits } = destination;
    if (device !== null && bits === (family === 'ip' ? 32 : 128)) interfaces.set(formatAddress({ family, words }), device);
  }
  for (const pod of pods.value) {
    if (pod.hostNetwork) continue;
    for (const device of devicesOf(pod.addresses, interfaces))
      found.set(device, [...(found.get(device) ?? []), `${pod.namespace}/${pod.name}`]);
  }
  return found;
}

function devicesOf(addresses: readonly Address[], interfaces: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set(addresses.map((address) => interfaces.get(formatAddress(address))).filter((device) => device !== undefined));
}

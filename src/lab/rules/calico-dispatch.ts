import { chainName } from './calico-names.ts';
import type { Workload } from './topology.ts';

/**
 * `cali-from-wl-dispatch` and `cali-to-wl-dispatch`: by interface to the endpoint's chain. Interfaces that share the next character behind
 * `cali` get a chain of their own for it, as Calico builds its dispatch tree; each of these chains ends in a DROP.
 */
export function dispatchChains(workloads: readonly Workload[]): readonly (readonly [string, readonly string[]])[] {
  return [...tree('cali-from-wl-dispatch', '-i', 'cali-fw-', workloads), ...tree('cali-to-wl-dispatch', '-o', 'cali-tw-', workloads)];
}

const drop = '-m comment --comment "Unknown interface" -j DROP';

function tree(
  root: string,
  direction: '-i' | '-o',
  endpoint: string,
  workloads: readonly Workload[],
): readonly (readonly [string, readonly string[]])[] {
  const names = workloads.map((workload) => workload.interface).toSorted();
  const toEndpoint = (name: string): string => `${direction} ${name} -g ${chainName(endpoint, name)}`;
  const groups = [...Map.groupBy(names, (name) => name.slice(0, 'cali'.length + 1))];
  const shared = groups.filter(([, members]) => members.length > 1);
  const children = shared.map(([prefix, members]) => [`${root}-${prefix.at(-1)}`, [...members.map(toEndpoint), drop]] as const);
  const rules = groups.map(([prefix, members]) =>
    members.length > 1 ? `${direction} ${prefix}+ -g ${root}-${prefix.at(-1)}` : toEndpoint(members[0] as string),
  );
  return [[root, [...rules, drop]], ...children];
}

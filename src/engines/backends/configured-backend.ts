import { missing, type Reading, read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';

export type ConfiguredBackend = 'auto' | 'legacy' | 'nft';

/**
 * What Felix of this node is told: FELIX_IPTABLESBACKEND of the DaemonSet, else FelixConfiguration `node.NAME`, else
 * `default`, else nothing (`auto` here). A value from a reference or outside the known three is missing. A configuration
 * file inside the container, which stands between the two, is not in a snapshot.
 */
export function configuredBackend(snapshot: Snapshot): Reading<ConfiguredBackend> {
  const { daemonSets, felixConfigurations } = snapshot;
  if (daemonSets.kind === 'missing') return missing(daemonSets.source, daemonSets.because);
  for (const { name, environment, at } of daemonSets.value) {
    if (name !== 'calico-node' && name !== 'canal') continue;
    for (const [key, value] of environment) {
      if (key.endsWith('/FELIX_IPTABLESBACKEND')) return known(value, `${at.source}:${at.line}`);
    }
  }
  if (felixConfigurations.kind === 'missing') return missing(felixConfigurations.source, felixConfigurations.because);
  for (const name of [`node.${snapshot.node}`, 'default']) {
    const found = felixConfigurations.value.find((each) => each.name === name && each.iptablesBackend !== null);
    if (found !== undefined) return known(found.iptablesBackend, `${found.at.source}:${found.at.line}`);
  }
  return read('auto', daemonSets.source);
}

function known(value: string | null, source: string): Reading<ConfiguredBackend> {
  const lower = value?.toLowerCase();
  if (lower === 'auto' || lower === 'legacy' || lower === 'nft') return read(lower, source);
  return missing(source, value === null ? 'the value comes from a reference' : 'the value is none of auto, legacy and nft');
}

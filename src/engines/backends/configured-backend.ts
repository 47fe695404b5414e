import type { DaemonSet } from '#facts/kubernetes.ts';
import { missing, type Reading, read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';

export type ConfiguredBackend = 'auto' | 'legacy' | 'nft';

/**
 * What Felix of this node is told: FELIX_IPTABLESBACKEND of the DaemonSet, else FelixConfiguration `node.NAME`, else
 * `default`, else nothing (`auto` here). Without a DaemonSet that runs Felix nothing is known of its environment: missing. A value from a reference or outside the known three is missing. A configuration
 * file inside the container, which stands between the two, is not in a snapshot.
 */
export function configuredBackend(snapshot: Snapshot): Reading<ConfiguredBackend> {
  const { daemonSets, felixConfigurations } = snapshot;
  if (daemonSets.kind === 'missing') return missing(daemonSets.source, daemonSets.because);
  const own = daemonSets.value.filter(runsFelix);
  if (own.length === 0) return missing(daemonSets.source, 'no DaemonSet runs calico-node');
  for (const { environment, at } of own) {
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

/** By its environment, its image or its name: distributions rename it (`rke2-canal`, `calico-node-windows` has no Felix of iptables). */
export function runsFelix({ name, images, environment }: DaemonSet): boolean {
  if (name.endsWith('-windows')) return false;
  const keys = [...environment.keys()];
  if (keys.some((key) => key.startsWith('calico-node/') || key.endsWith('/FELIX_IPTABLESBACKEND'))) return true;
  return name === 'calico-node' || name === 'canal' || images.some((image) => /(^|[/-])calico[/-]node([:@]|$)/.test(image));
}

function known(value: string | null, source: string): Reading<ConfiguredBackend> {
  const lower = value?.toLowerCase();
  if (lower === 'auto' || lower === 'legacy' || lower === 'nft') return read(lower, source);
  return missing(source, value === null ? 'the value comes from a reference' : 'the value is none of auto, legacy and nft');
}

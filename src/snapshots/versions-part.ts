import type { Parts } from './parts.ts';
import { textOf } from './text.ts';

/**
 * Versions of the components: `versions.json` where there is one, then what other files tell: calico-node's image, the kubelet's own word,
 * `iptables -V`.
 */
export function readVersions(parts: Parts): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  const from = (component: string, path: string, pattern: RegExp): void => {
    const found = parts.files.has(path) ? pattern.exec(textOf(parts.files, path))?.[1] : undefined;
    if (found !== undefined && !versions.has(component)) versions.set(component, found);
  };
  if (parts.files.has('versions.json'))
    for (const [component, version] of entriesOf(textOf(parts.files, 'versions.json'))) versions.set(component, version);
  from('calico', 'kubernetes/pods.json', /"image": "[^"]*calico\/node:(v[\d.]+)/);
  from('kubernetes', 'kubernetes/nodes.json', /"kubeletVersion": "(v[^"]+)"/);
  from('iptables', 'netfilter/iptables-version', /v(\d[\d.]*)/);
  if (parts.manifest.kernel !== null) versions.set('kernel', parts.manifest.kernel);
  return versions;
}

function entriesOf(text: string): readonly (readonly [string, string])[] {
  try {
    return Object.entries(JSON.parse(text) as Record<string, unknown>).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
  } catch {
    return [];
  }
}

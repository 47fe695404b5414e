import type { InterfaceComparison } from '#engines/backends/index.ts';
import type { Figures } from '#facts/diagnosis.ts';
import { type Detected, found, nothing, open } from '../fact.ts';
import { calicoIn, felixBackend } from '../felix-backend.ts';
import type { Observations } from '../observations.ts';
import { plural } from '../words.ts';

/** Live workload interfaces that dispatch chains which nobody maintains do not know and therefore drop. */
export function unknownInterfaceDrop(seen: Observations): Detected {
  const { interfaces } = seen;
  if (interfaces.kind === 'missing') return openWithoutLinks(seen, `${interfaces.source}: ${interfaces.because}`);
  const used = felixBackend(seen)?.backend ?? null;
  const dropping = interfaces.value.filter(({ unknown, evidence }) => unknown.length > 0 && evidence.length > 0);
  const fault = dropping.find(({ backend }) => backend !== used) ?? dropping[0];
  if (fault === undefined) return nothing;
  const stale = used !== null && fault.backend !== used;
  return found({
    id: 'unknown-interface-drop',
    subject: `netfilter/${fault.backend}`,
    detail: detailOf(fault),
    figures: figuresOf(fault),
    at: null,
    confidence: 'proven',
    evidence: dropping.filter(({ backend }) => backend === fault.backend).flatMap(({ evidence }) => evidence),
    causedBy: stale ? ['stale-rules'] : [],
  });
}

function openWithoutLinks(seen: Observations, missing: string): Detected {
  const rules = calicoIn(seen, 'legacy').length + calicoIn(seen, 'nft').length;
  return rules === 0 ? nothing : open("do Calico's rules know every workload interface?", missing);
}

function figuresOf({ backend, unknown, unknownPods }: InterfaceComparison): Figures {
  const pods = [...new Set(unknownPods.map(({ pod }) => pod))];
  return {
    backend,
    unknown: unknown.length,
    interfaces: unknown.slice(0, 4).join(', '),
    ...(unknown.length <= 4 ? {} : { moreInterfaces: unknown.length - 4 }),
    ...(pods.length === 0 ? {} : { pods: pods.slice(0, 3).join(', ') }),
    ...(pods.length <= 3 ? {} : { morePods: pods.length - 3 }),
  };
}

function detailOf({ backend, unknown, unknownPods }: InterfaceComparison): string {
  const pods = [...new Set(unknownPods.map(({ pod }) => pod))];
  const whose = pods.length === 0 ? '' : ` (${pods.slice(0, 3).join(', ')}${pods.length > 3 ? `, ${pods.length - 3} more` : ''})`;
  return `${plural(unknown.length, 'live interface')} unknown to the ${backend} dispatch chains, which end in DROP: ${unknown.slice(0, 4).join(', ')}${whose}`;
}

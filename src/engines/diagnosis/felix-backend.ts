import type { Evidence } from '#facts/evidence.ts';
import type { OwnedRules } from '#facts/ownership.ts';
import type { Backend } from '#facts/rule.ts';
import type { Observations } from './observations.ts';

/** Which backend Felix programs: told by its log, or inferred from which rules know every live interface. */
export interface FelixBackend {
  readonly backend: Backend;
  readonly from: 'log' | 'rules';
  readonly evidence: readonly Evidence[];
}

export function otherBackend(backend: Backend): Backend {
  return backend === 'legacy' ? 'nft' : 'legacy';
}

export function felixBackend(seen: Observations): FelixBackend | null {
  const uses = seen.survey.felixUses;
  if (uses !== null) return { backend: uses.backend, from: 'log', evidence: uses.evidence };
  if (seen.interfaces.kind === 'missing') return null;
  const complete = backendsWhere(seen, (unknown) => unknown === 0);
  const incomplete = backendsWhere(seen, (unknown) => unknown > 0);
  const [only] = complete;
  if (only === undefined || complete.size !== 1 || incomplete.has(only) || incomplete.size !== 1) return null;
  return { backend: only, from: 'rules', evidence: calicoIn(seen, only).flatMap(({ evidence }) => evidence.slice(0, 1)) };
}

function backendsWhere(seen: Observations, holds: (unknown: number) => boolean): ReadonlySet<Backend> {
  const compared = seen.interfaces.kind === 'read' ? seen.interfaces.value : [];
  return new Set(compared.filter(({ live, unknown }) => live.length > 0 && holds(unknown.length)).map(({ backend }) => backend));
}

export function calicoIn(seen: Observations, backend: Backend): readonly OwnedRules[] {
  return seen.survey.owned.filter((owned) => owned.owner === 'calico' && owned.backend === backend && owned.rules > 0);
}

export function ruleTotal(owned: readonly OwnedRules[]): number {
  return owned.reduce((sum, { rules }) => sum + rules, 0);
}

/** The one backend that kubelet and kube-proxy write to; null where they use both or none. */
export function kubernetesBackend(seen: Observations): { readonly backend: Backend; readonly evidence: readonly Evidence[] } | null {
  const owned = seen.survey.owned.filter(({ owner, chains }) => (owner === 'kubelet' || owner === 'kube-proxy') && chains.length > 0);
  const backends = new Set(owned.map(({ backend }) => backend));
  const [backend] = backends;
  if (backends.size !== 1 || backend === undefined) return null;
  return { backend, evidence: owned.slice(0, 2).flatMap(({ evidence }) => evidence.slice(0, 1)) };
}

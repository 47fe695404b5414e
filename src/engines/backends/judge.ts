import type { Disagreement, InterfaceComparison } from '#facts/backend-report.ts';
import type { BackendSurvey, OwnedRules } from '#facts/ownership.ts';
import type { Reading } from '#facts/result.ts';

export interface BackendJudgement {
  readonly disagreements: readonly Disagreement[];
  readonly undecided: BackendSurvey['undecided'];
}

/**
 * Where the backends disagree. Coexistence alone is none (kube-proxy in one and Docker in the other is mostly harmless):
 * Calico's rules are, because they drop what they do not know.
 */
export function judgeBackends(survey: BackendSurvey, interfaces: Reading<readonly InterfaceComparison[]>): BackendJudgement {
  const calico = survey.owned.filter(({ owner, rules }) => owner === 'calico' && rules > 0);
  const compared = interfaces.kind === 'read' ? interfaces.value : [];
  const disagreements = [...unowned(survey, calico), ...unknownInterfaces(compared)];
  const undecided = survey.undecided.filter(({ question }) => !isSettled(question, calico, compared));
  if (interfaces.kind === 'read' || calico.length === 0) return { disagreements, undecided };
  const question = "do Calico's rules know every workload interface?";
  return { disagreements, undecided: [...undecided, { question, missing: `${interfaces.source}: ${interfaces.because}` }] };
}

function unowned({ felixUses }: BackendSurvey, calico: readonly OwnedRules[]): readonly Disagreement[] {
  if (felixUses !== null) {
    const stale = calico.filter(({ backend }) => backend !== felixUses.backend);
    return stale.map(({ backend, family, rules, evidence }) => {
      return { kind: 'stale-calico-rules', backend, family, rules, evidence: [...felixUses.evidence.slice(-1), ...evidence] };
    });
  }
  const backends = new Set(calico.map(({ backend }) => backend));
  if (backends.size < 2) return [];
  const families = [...new Set(calico.map(({ family }) => family))];
  return families.map((family) => {
    const evidence = calico.filter((owned) => owned.family === family).flatMap((owned) => owned.evidence.slice(0, 1));
    return { kind: 'calico-in-both-backends', family, evidence };
  });
}

function unknownInterfaces(compared: readonly InterfaceComparison[]): readonly Disagreement[] {
  return compared
    .filter(({ unknown }) => unknown.length > 0)
    .map(({ backend, family, unknown, evidence }) => ({ kind: 'interfaces-unknown', backend, family, interfaces: unknown, evidence }));
}

/** A log that begins after Felix's start says nothing; rules in one backend only that know every live interface say that it is maintained. */
function isSettled(question: string, calico: readonly OwnedRules[], compared: readonly InterfaceComparison[]): boolean {
  if (question !== 'which backend does Felix program?') return false;
  const oneBackend = new Set(calico.map(({ backend }) => backend)).size === 1;
  return oneBackend && compared.length > 0 && compared.every(({ unknown }) => unknown.length === 0);
}

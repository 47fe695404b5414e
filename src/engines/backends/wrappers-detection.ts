import type { Result } from '#facts/result.ts';
import { failed, ok } from '#facts/result.ts';
import { countRules, type Decision, type Detection, hintFamilies, hintFamiliesAnywhere } from './decision.ts';
import type { KnownOutcomes } from './probe-outcomes.ts';

const generations: ReadonlyMap<string, Detection> = new Map([
  ['v1', detectV1],
  ['v1-1.8.3', detectV1With183],
  ['v2', detectV2],
  ['v3', detectV3],
]);

/**
 * The detection of kubernetes-sigs/iptables-wrappers: v1 (2020-01), `v1-1.8.3` (v1 around iptables 1.8.3, whose nft
 * variant could hang), v2 (2022-04), v3 (the Go program, 2023-04 on).
 */
export function wrappersDetection(version: string): Result<Detection> {
  const detection = generations.get(version);
  if (detection !== undefined) return ok(detection);
  const expected = 'v1, v1-1.8.3, v2 or v3';
  return failed({ code: 'wrappers-version-unknown', source: 'iptables-wrappers version', found: `'${version}'`, expected });
}

/** A tie, and with it every failure, goes to legacy. */
function detectV1(outcomes: KnownOutcomes): Decision {
  const legacy = countRules(outcomes, 'legacy');
  const nft = countRules(outcomes, 'nft');
  const numbers = `${legacy.words}, ${nft.words}`;
  if (legacy.sum >= nft.sum) return { backend: 'legacy', branch: 'count: as many legacy rules as nft rules, or more: legacy', numbers };
  return { backend: 'nft', branch: 'count: more nft rules than legacy rules: nft', numbers };
}

/** A nft command that hit the 5 s timeout is one that failed. */
function detectV1With183(outcomes: KnownOutcomes): Decision {
  const legacy = countRules(outcomes, 'legacy');
  if (legacy.sum >= 10) return { backend: 'legacy', branch: '10 or more legacy rules: legacy, nft is not probed', numbers: legacy.words };
  return detectV1(outcomes);
}

function detectV2(outcomes: KnownOutcomes): Decision {
  const hinted = byHint(outcomes);
  if (hinted !== null) return hinted;
  const legacy = countRules(outcomes, 'legacy');
  const nft = countRules(outcomes, 'nft');
  const numbers = `${legacy.words}, ${nft.words}`;
  if (legacy.sum > nft.sum) return { backend: 'legacy', branch: 'count: more legacy rules than nft rules: legacy', numbers };
  return { backend: 'nft', branch: 'count: no more legacy rules than nft rules (a tie or a failure too): nft', numbers };
}

function detectV3(outcomes: KnownOutcomes): Decision {
  return byHint(outcomes) ?? { backend: 'nft', branch: 'no Kubernetes hint chain seen: nft by default, nothing is counted', numbers: '' };
}

function byHint(outcomes: KnownOutcomes): Decision | null {
  const nft = hintFamilies(outcomes, 'nft');
  if (nft.length > 0) return { backend: 'nft', branch: 'Kubernetes hint chain in nft mangle: nft', numbers: nft.join(' and ') };
  const legacy = hintFamiliesAnywhere(outcomes, 'legacy');
  if (legacy.length === 0) return null;
  return { backend: 'legacy', branch: 'Kubernetes hint chain in the legacy dump, none in nft: legacy', numbers: legacy.join(' and ') };
}

import type { Result } from '#facts/result.ts';
import { failed, ok } from '#facts/result.ts';
import { allFailed, countRules, type Decision, type Detection, hintFamilies } from './decision.ts';
import { failedProbe, type KnownOutcomes } from './probe-outcomes.ts';

/** How Felix chose through the years. Source: Felix's backend detection in the named versions. */
export interface FelixEra {
  readonly name: '0' | 'A' | 'B' | 'C';
  /** Null: this era does not detect. */
  readonly detect: Detection | null;
  /** False where a Felix of this version detects only when it is told `auto`. */
  readonly autoByDefault: boolean;
}

type Version = readonly [major: number, minor: number, patch: number];

/** The era of a version, or the problem that says which versions are known. Nothing between known ranges is guessed. */
export function felixEra(version: string): Result<FelixEra> {
  if (version === 'master' || version === 'release-v3.33') return ok({ name: 'C', detect: detectC, autoByDefault: true });
  const parsed = parseVersion(version);
  if (parsed === null) return unknown(version);
  if (within(parsed, [3, 8, 1], [3, 11, Number.POSITIVE_INFINITY])) return ok({ name: '0', detect: null, autoByDefault: false });
  if (within(parsed, [3, 12, 0], [3, 25, 1])) {
    return ok({ name: 'A', detect: detectA, autoByDefault: compare(parsed, [3, 17, 0]) >= 0 });
  }
  if (compare(parsed, [3, 25, 2]) === 0 || within(parsed, [3, 26, 0], [3, 32, 1]))
    return ok({ name: 'B', detect: detectB, autoByDefault: true });
  return unknown(version);
}

function unknown(version: string): ReturnType<typeof failed> {
  return failed({
    code: 'felix-version-unknown',
    source: 'felix version',
    found: `'${version}'`,
    expected: 'v3.8.1 to v3.32.1, release-v3.33 or master, whose detection is known',
  });
}

function parseVersion(text: string): Version | null {
  const parts = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})$/.exec(text);
  return parts === null ? null : [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function within(version: Version, first: Version, last: Version): boolean {
  return compare(version, first) >= 0 && compare(version, last) <= 0;
}

/** v3.12.0 to v3.25.1: ten legacy rules settle it before nft is looked at. */
function detectA(outcomes: KnownOutcomes): Decision {
  const legacy = countRules(outcomes, 'legacy');
  if (legacy.sum >= 10) return { backend: 'legacy', branch: '10 or more legacy rules: legacy, nft is not probed', numbers: legacy.words };
  return byCount(outcomes);
}

/** v3.25.2 to v3.32.1: Kubernetes' hint chains come first, nft before legacy; then the count, without the threshold. */
function detectB(outcomes: KnownOutcomes): Decision {
  const nft = hintFamilies(outcomes, 'nft');
  if (nft.length > 0) return { backend: 'nft', branch: 'Kubernetes hint chain in nft mangle: nft', numbers: nft.join(' and ') };
  const legacy = hintFamilies(outcomes, 'legacy');
  if (legacy.length > 0) {
    return { backend: 'legacy', branch: 'Kubernetes hint chain in legacy mangle, none in nft: legacy', numbers: legacy.join(' and ') };
  }
  return byCount(outcomes);
}

/** release-v3.33 and master: as B, but legacy is not asked where the kernel has no legacy tables. */
function detectC(outcomes: KnownOutcomes): Decision {
  const { commands, legacyTables } = outcomes;
  return detectB({
    legacyTables,
    commands: {
      ...commands,
      'iptables-legacy-save': legacyTables.ip ? commands['iptables-legacy-save'] : unasked(commands['iptables-legacy-save'].ok),
      'ip6tables-legacy-save': legacyTables.ip6 ? commands['ip6tables-legacy-save'] : unasked(commands['ip6tables-legacy-save'].ok),
    },
  });
}

function unasked(wouldWork: boolean): typeof failedProbe {
  return { ...failedProbe, ok: wouldWork };
}

/** Legacy wins a tie, 0 to 0 included; a failed command prints nothing and counts as 0. */
function byCount(outcomes: KnownOutcomes): Decision {
  const legacy = countRules(outcomes, 'legacy');
  const nft = countRules(outcomes, 'nft');
  const numbers = `${legacy.words}, ${nft.words}`;
  if (allFailed(outcomes)) return { backend: 'legacy', branch: 'all probes failed and count as 0 rules, 0 >= 0: legacy', numbers: '' };
  if (legacy.sum > nft.sum) return { backend: 'legacy', branch: 'count: more legacy rules than nft rules: legacy', numbers };
  if (legacy.sum === nft.sum) return { backend: 'legacy', branch: 'count: a tie goes to legacy', numbers };
  return { backend: 'nft', branch: 'count: more nft rules than legacy rules: nft', numbers };
}

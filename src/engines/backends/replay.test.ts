import { describe, expect, test } from 'vitest';
import { failedProbe, type ProbeCommand, type ProbeOutcome, type ProbeOutcomes, probeCommands, withFailing } from './probe-outcomes.ts';
import { replayChoice } from './replay.ts';

/** `[rules v4, rules v6]` of each backend; a hint is written `hint`, a failed look at mangle `hintless`. */
type Side = readonly [v4: Given, v6: Given];
type Given = number | 'failed' | 'unknown' | { readonly rules: number; readonly hint?: boolean; readonly hintOk?: boolean };

function outcome(given: Given): ProbeOutcome | null {
  if (given === 'unknown') return null;
  if (given === 'failed') return failedProbe;
  const { rules, hint = false, hintOk = true } = typeof given === 'number' ? { rules: given } : given;
  return { ok: true, rules, kubeHint: hint, hintOk };
}

function probes(legacy: Side, nft: Side, tables: boolean | null = null): ProbeOutcomes {
  return {
    commands: {
      'iptables-legacy-save': outcome(legacy[0]),
      'ip6tables-legacy-save': outcome(legacy[1]),
      'iptables-nft-save': outcome(nft[0]),
      'ip6tables-nft-save': outcome(nft[1]),
    },
    legacyTables: { ip: tables, ip6: tables },
  };
}

const failing = probes(['failed', 'failed'], ['failed', 'failed']);
const felix = (version: string, outcomes: ProbeOutcomes, configured: 'auto' | 'legacy' | 'nft' = 'auto') =>
  replayChoice({ component: 'felix', version, configured, outcomes });
const hint = { rules: 1, hint: true };

describe('felix with every probe failing', () => {
  test.each(['v3.12.0', 'v3.18.1', 'v3.25.1', 'v3.25.2', 'v3.26.0', 'v3.31.0', 'v3.32.1', 'release-v3.33', 'master'])(
    '%s chooses legacy and names the branch',
    (version) => {
      expect(felix(version, failing)).toEqual({
        component: 'felix',
        version,
        configured: 'auto',
        detected: 'legacy',
        effective: 'legacy',
        branch: 'all probes failed and count as 0 rules, 0 >= 0: legacy',
        warning: version === 'v3.12.0' ? 'v3.12.0 detects only when it is told auto; left unset it uses legacy' : null,
        missing: [],
      });
    },
  );
});

describe('the decision table of felix', () => {
  test.each<[string, string, ProbeOutcomes, string, RegExp]>([
    ['9 legacy rules lose to 10 nft rules', 'v3.18.1', probes([9, 0], [10, 0]), 'nft', /more nft rules .*9 legacy rules .*10 nft rules/],
    ['10 legacy rules win against any number', 'v3.18.1', probes([10, 0], [5000, 0]), 'legacy', /10 or more legacy rules/],
    ['11 legacy rules win against any number', 'v3.18.1', probes([11, 0], [5000, 0]), 'legacy', /10 or more legacy rules/],
    ['v4 and v6 are added for the threshold', 'v3.18.1', probes([4, 6], [5000, 0]), 'legacy', /v4 4, v6 6/],
    ['v4 and v6 are added for the count', 'v3.18.1', probes([3, 3], [3, 4]), 'nft', /6 legacy rules .*7 nft rules/],
    ['a tie is legacy', 'v3.18.1', probes([4, 1], [1, 4]), 'legacy', /tie/],
    ['0 to 0 is legacy', 'v3.18.1', probes([0, 0], [0, 0]), 'legacy', /tie/],
    ['failed nft probes count as 0', 'v3.18.1', probes([1, 0], ['failed', 'failed']), 'legacy', /v4 failed, v6 failed/],
    ['failed legacy probes count as 0', 'v3.18.1', probes(['failed', 'failed'], [3, 0]), 'nft', /0 legacy rules/],
    ['era A looks at no hint', 'v3.25.1', probes([{ rules: 2, hint: true }, 0], [3, 0]), 'nft', /count/],
    ['era B has no threshold', 'v3.25.2', probes([10, 0], [11, 0]), 'nft', /more nft rules/],
    ['a hint in nft v4 alone is nft', 'v3.26.0', probes([500, 0], [hint, 0]), 'nft', /hint chain in nft mangle.*v4/],
    ['a hint in nft v6 alone is nft', 'v3.26.0', probes([500, 0], [0, hint]), 'nft', /hint chain in nft mangle.*v6/],
    ['a hint in both is nft', 'v3.31.0', probes([hint, hint], [hint, hint]), 'nft', /nft mangle.*v4 and v6/],
    ['a hint in legacy alone is legacy', 'v3.31.0', probes([0, hint], [900, 0]), 'legacy', /hint chain in legacy mangle/],
    [
      'a failed look at mangle falls to the count',
      'v3.26.0',
      probes([0, 0], [{ rules: 7, hint: true, hintOk: false }, 0]),
      'nft',
      /count: more nft/,
    ],
    [
      'a failed look at nft mangle lets legacy win by its hint',
      'v3.26.0',
      probes([hint, 0], [{ rules: 70, hint: true, hintOk: false }, 0]),
      'legacy',
      /legacy mangle/,
    ],
    ['a failed command hides its hint', 'v3.26.0', probes([1, 0], ['failed', 0]), 'legacy', /count: more legacy/],
    ['era B tie is legacy', 'v3.32.1', probes([5, 0], [5, 0]), 'legacy', /tie/],
    [
      'era C does not ask legacy without legacy tables',
      'master',
      probes([{ rules: 50, hint: true }, 0], [3, 0], false),
      'nft',
      /more nft rules/,
    ],
    [
      'era C asks legacy where its tables are',
      'release-v3.33',
      probes([{ rules: 50, hint: true }, 0], [3, 0], true),
      'legacy',
      /legacy mangle/,
    ],
    [
      'era C infers the tables from rules that were printed',
      'master',
      probes([{ rules: 50, hint: true }, 0], [3, 0], null),
      'legacy',
      /legacy mangle/,
    ],
  ])('%s (%s)', (_rule, version, outcomes, backend, branch) => {
    const replay = felix(version, outcomes);
    expect([replay.detected, replay.effective, replay.missing]).toEqual([backend, backend, []]);
    expect(replay.branch).toMatch(branch);
  });

  test.each(['v3.8.1', 'v3.11.3'])('%s detects nothing and uses legacy unless told nft', (version) => {
    expect(felix(version, probes([0, 0], [99, 0]))).toMatchObject({ effective: 'legacy', branch: expect.stringContaining('no detection') });
    expect(felix(version, failing, 'nft')).toMatchObject({ effective: 'nft', warning: null });
  });
});

describe('versions that are not known', () => {
  test.each(['v3.8.0', 'v3.25.3', 'v3.32.2', 'v3.33.0', 'v4.0.0', 'v3.18', 'v3.26.0-rc1', '', 'latest', 'v3.18.1\u001b[31m'])(
    '%j is undecided and named',
    (version) => {
      const replay = felix(version, failing);
      expect([replay.detected, replay.effective]).toEqual(['undecided', 'undecided']);
      expect(replay.missing.join()).toContain(version);
    },
  );

  test('an unknown component is undecided and named', () => {
    const replay = replayChoice({ component: 'k3s-root', version: 'v1', configured: 'auto', outcomes: failing });
    expect(replay).toMatchObject({ detected: 'undecided', missing: [expect.stringContaining('k3s-root')] });
  });
});

describe('a pin', () => {
  test('overrides what was detected, and the mismatch is reported', () => {
    expect(felix('v3.18.1', failing, 'nft')).toMatchObject({
      detected: 'legacy',
      effective: 'nft',
      warning: expect.stringContaining('nft is specified and legacy detected'),
    });
  });
  test('that matches warns of nothing', () => {
    expect(felix('v3.18.1', failing, 'legacy')).toMatchObject({ detected: 'legacy', effective: 'legacy', warning: null });
  });
  test('holds where the detection is undecided', () => {
    const outcomes = probes(['unknown', 0], [5, 0]);
    expect(felix('v3.18.1', outcomes, 'nft')).toMatchObject({ detected: 'undecided', effective: 'nft', warning: null });
  });
});

describe('an unknown outcome', () => {
  test.each<[string, string, ProbeOutcomes, string]>([
    ['does not matter past the threshold', 'v3.18.1', probes([12, 'unknown'], ['unknown', 'unknown']), 'legacy'],
    ['of legacy does not matter where nft has no rules', 'v3.18.1', probes(['unknown', 0], [0, 0]), 'legacy'],
    ['of nft matters below the threshold', 'v3.18.1', probes([9, 0], ['unknown', 0]), 'undecided'],
    ['of legacy matters where nft has rules', 'v3.18.1', probes(['unknown', 0], [1, 0]), 'undecided'],
    ['is no failure', 'v3.26.0', probes([12, 0], ['unknown', 0]), 'undecided'],
    ['does not matter beside a hint in nft', 'v3.26.0', probes(['unknown', 'unknown'], ['unknown', hint]), 'nft'],
    ['everywhere leaves it undecided', 'master', probes(['unknown', 'unknown'], ['unknown', 'unknown']), 'undecided'],
  ])('%s (%s)', (_rule, version, outcomes, backend) => {
    expect(felix(version, outcomes).detected).toBe(backend);
  });

  test('is named', () => {
    expect(felix('v3.18.1', probes([9, 0], ['unknown', 0])).missing).toEqual(['the outcome of iptables-nft-save']);
    expect(felix('v3.18.1', probes([12, 'unknown'], [0, 0])).branch).toMatch(/whatever ip6tables-legacy-save/);
  });
});

describe('iptables-wrappers', () => {
  const wrappers = (version: string, outcomes: ProbeOutcomes) =>
    replayChoice({ component: 'iptables-wrappers', version, configured: 'auto', outcomes });

  test.each<[string, string, ProbeOutcomes, string]>([
    ['a tie is legacy', 'v1', probes([3, 0], [0, 3]), 'legacy'],
    ['failures are legacy', 'v1', failing, 'legacy'],
    ['failures are legacy', 'v1-1.8.3', failing, 'legacy'],
    ['more nft rules are nft', 'v1', probes([30, 0], [31, 0]), 'nft'],
    ['10 legacy rules are legacy around 1.8.3', 'v1-1.8.3', probes([5, 5], [31, 0]), 'legacy'],
    ['9 legacy rules are counted around 1.8.3', 'v1-1.8.3', probes([9, 0], [10, 0]), 'nft'],
    ['a tie is nft', 'v2', probes([3, 0], [3, 0]), 'nft'],
    ['failures are nft', 'v2', failing, 'nft'],
    ['more legacy rules are legacy', 'v2', probes([4, 0], [3, 0]), 'legacy'],
    ['a hint in nft is nft', 'v2', probes([400, 0], [0, hint]), 'nft'],
    ['a hint in legacy is legacy', 'v2', probes([hint, 0], [400, 0]), 'legacy'],
    ['a tie is nft', 'v3', probes([3, 0], [3, 0]), 'nft'],
    ['failures are nft', 'v3', failing, 'nft'],
    ['nothing is counted', 'v3', probes([400, 0], [3, 0]), 'nft'],
    ['a hint in legacy is legacy', 'v3', probes([hint, 0], [400, 0]), 'legacy'],
    ['a hint in nft comes first', 'v3', probes([hint, 0], [0, hint]), 'nft'],
    ['an unknown hint in nft matters, whatever is counted', 'v3', probes([hint, 0], ['unknown', 0]), 'undecided'],
    ['an unknown generation is undecided', 'v4', failing, 'undecided'],
  ])('%s (%s)', (_rule, version, outcomes, backend) => {
    expect(wrappers(version, outcomes).detected).toBe(backend);
  });

  test('v2 and v3 take a hint in any table of legacy', () => {
    const outcomes = probes([0, 0], [5, 0]);
    const anywhere = { ...failedProbe, ok: true, hintOk: true, kubeHintAnywhere: true };
    const commands = { ...outcomes.commands, 'iptables-legacy-save': anywhere };
    expect(wrappers('v2', { ...outcomes, commands }).detected).toBe('legacy');
    expect(wrappers('v3', { ...outcomes, commands }).detected).toBe('legacy');
  });
});

test('failing commands lose what they would have printed', () => {
  const healthy = probes([0, 0], [hint, hint]);
  expect(felix('v3.26.0', healthy).detected).toBe('nft');
  expect(felix('v3.26.0', withFailing(healthy, probeCommands as readonly ProbeCommand[])).detected).toBe('legacy');
});

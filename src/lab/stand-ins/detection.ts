import { spawnSync } from 'node:child_process';

export type Mode = 'legacy' | 'nft';

/** What one `*-save` really returned: its rules, or the error with which it could not be started. */
export interface SaveOutcome {
  readonly command: string;
  readonly rules: number;
  readonly error: string | null;
}

/**
 * Felix v3.18.1's choice, from real commands: legacy with 10 rules or more wins at once; otherwise the larger count, a tie to legacy.
 * A command that fails counts as zero rules (facts: felix iptables/feature_detect.go, v3.12.0 to v3.25.1).
 */
export function detectBackend(): { readonly mode: Mode; readonly outcomes: readonly SaveOutcome[] } {
  const legacy = [countRules('ip6tables-legacy-save'), countRules('iptables-legacy-save')];
  if (total(legacy) >= 10) return { mode: 'legacy', outcomes: legacy };
  const nft = [countRules('ip6tables-nft-save'), countRules('iptables-nft-save')];
  return { mode: total(legacy) >= total(nft) ? 'legacy' : 'nft', outcomes: [...legacy, ...nft] };
}

function countRules(command: string): SaveOutcome {
  const run = spawnSync(command, { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.error !== undefined) return { command, rules: 0, error: (run.error as NodeJS.ErrnoException).code ?? run.error.message };
  if (run.status !== 0) return { command, rules: 0, error: `exit status ${run.status}` };
  return { command, rules: run.stdout.split('\n').filter((line) => line.startsWith('-')).length, error: null };
}

function total(outcomes: readonly SaveOutcome[]): number {
  return outcomes.reduce((sum, { rules }) => sum + rules, 0);
}

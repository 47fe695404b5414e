import { failed, ok, type Problem, type Reading, type Result, read } from '#facts/result.ts';
import type { Backend, Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { editNft } from './as-if/edit-nft.ts';
import { editRuleset } from './as-if/edit-ruleset.ts';
import { type RuleCommand, readRuleCommand } from './as-if/read-command.ts';
import { legacyRulesOf, nftRulesOf } from './rule-sources.ts';

/** The snapshot as it would be after commands of iptables, for walks: only what a walk looks at is changed. */
export function asIf(snapshot: Snapshot, commands: readonly string[]): Result<Snapshot> {
  let after = snapshot;
  for (const text of commands) {
    const command = readRuleCommand(text);
    if (!command.ok) return command;
    const changed = applied(after, command.value, text);
    if (!changed.ok) return changed;
    after = changed.value;
  }
  return ok(after);
}

function applied(snapshot: Snapshot, command: RuleCommand, text: string): Result<Snapshot> {
  const backend = command.backend ?? (snapshot.iptablesCommand.kind === 'read' ? snapshot.iptablesCommand.value : null);
  if (backend === null)
    return problem(
      text,
      "iptables, and the snapshot does not tell to which backend the node's own speaks",
      'iptables-nft or iptables-legacy',
    );
  const found = backend === 'nft' ? onNft(snapshot, command) : onXt(snapshot, command, 'legacy');
  return typeof found === 'string' ? problem(text, found, 'a command that iptables would obey on this node') : ok(found);
}

function problem(text: string, found: string, expected: string): Result<Snapshot> {
  return failed({ code: 'rule-command-refused', source: `--as-if '${text}'`, found, expected } satisfies Problem);
}

function onNft(snapshot: Snapshot, command: RuleCommand): Snapshot | string {
  const rules = nftRulesOf(snapshot);
  if (rules.kind === 'missing') return onXt(snapshot, command, 'nft');
  const edited = editNft(rules.value, command);
  if (typeof edited === 'string') return edited;
  return withPart(snapshot, 'kernelRules', { legacy: snapshot.kernelRules.legacy, nft: read(edited, rules.source) });
}

function onXt(snapshot: Snapshot, command: RuleCommand, backend: Backend): Snapshot | string {
  const { family } = command;
  const rules = backend === 'legacy' ? legacyRulesOf(snapshot, family) : snapshot.rulesets.nft[family];
  if (rules.kind === 'missing') return `rules that are not in the snapshot: ${rules.source}: ${rules.because}`;
  const edited = editRuleset(rules.value, command);
  if (typeof edited === 'string') return edited;
  const reading: Reading<Ruleset> = read(edited, rules.source);
  const { legacy, nft } = snapshot.rulesets;
  if (backend === 'nft') return withPart(snapshot, 'rulesets', { legacy, nft: { ip: nft.ip, ip6: nft.ip6, [family]: reading } });
  const kernel = snapshot.kernelRules;
  return withPart(snapshot, 'kernelRules', {
    nft: kernel.nft,
    legacy: { ip: kernel.legacy.ip, ip6: kernel.legacy.ip6, [family]: reading },
  });
}

/** Parts of a snapshot are read when they are asked for: the changed copy must not ask for all the others. */
function withPart<K extends keyof Snapshot>(snapshot: Snapshot, part: K, value: Snapshot[K]): Snapshot {
  const parts = { ...Object.getOwnPropertyDescriptors(snapshot), [part]: { value, enumerable: true } };
  return Object.defineProperties({}, parts) as Snapshot;
}

import type { Family } from '#facts/address.ts';
import { failed, ok, type Result } from '#facts/result.ts';
import type { Backend } from '#facts/rule.ts';
import { type Token, tokensOf } from '#formats/iptables-save/tokens.ts';
import { shown } from '#formats/shown.ts';

/** One command of iptables that changes rules, read. Positions are 1-based. */
export interface RuleCommand {
  /** Null: plain `iptables`, which speaks to whatever the node's own does. */
  readonly backend: Backend | null;
  readonly family: Family;
  readonly table: string;
  readonly chain: string;
  readonly action:
    | { readonly kind: 'append'; readonly rule: string }
    | { readonly kind: 'insert' | 'replace'; readonly position: number; readonly rule: string }
    | { readonly kind: 'delete'; readonly position: number }
    | { readonly kind: 'delete-rule'; readonly rule: string }
    | { readonly kind: 'new-chain' | 'flush' }
    | { readonly kind: 'policy'; readonly policy: 'ACCEPT' | 'DROP' };
}

const actions: Readonly<Record<string, 'append' | 'insert' | 'replace' | 'delete' | 'new-chain' | 'flush' | 'policy'>> = {
  '-A': 'append',
  '--append': 'append',
  '-I': 'insert',
  '--insert': 'insert',
  '-R': 'replace',
  '--replace': 'replace',
  '-D': 'delete',
  '--delete': 'delete',
  '-N': 'new-chain',
  '--new-chain': 'new-chain',
  '-F': 'flush',
  '--flush': 'flush',
  '-P': 'policy',
  '--policy': 'policy',
};

const expected =
  "iptables[-nft|-legacy] or ip6tables..., [-t TABLE], then -A, -I, -R, -D, -N, -F or -P with a chain, as in 'iptables-nft -I FORWARD -s 10.0.0.0/8 -j DROP'";

/** Reads the words of one command as a shell would hand them to iptables. */
export function readRuleCommand(text: string): Result<RuleCommand> {
  const problem = (found: string, wanted: string = expected): Result<RuleCommand> =>
    failed({ code: 'rule-command-unreadable', source: '--as-if', found: shown(`'${found}'`, 200), expected: wanted });
  const tokens = tokensOf(text.trim());
  if (tokens === null) return problem(text, 'quotes that are closed');
  const program = /^(ip6?)tables(?:-(nft|legacy))?$/.exec(tokens[0]?.text ?? '');
  if (program === null) return problem(text);
  const words = tokens.slice(1).filter(({ text: word, quoted }) => quoted || (word !== '-w' && word !== '--wait'));
  const table = takeOption(words, ['-t', '--table']) ?? 'filter';
  const at = words.findIndex(({ text: word, quoted }) => !quoted && Object.hasOwn(actions, word));
  const kind = actions[words[at]?.text ?? ''];
  const chain = words[at + 1]?.text;
  if (kind === undefined || chain === undefined || chain.startsWith('-')) return problem(text);
  const rest = [...words.slice(0, at), ...words.slice(at + 2)];
  const action = readAction(kind, rest);
  if (action === null) return problem(text);
  const family = program[1] === 'ip' ? 'ip' : 'ip6';
  return ok({ backend: (program[2] as Backend | undefined) ?? null, family, table, chain, action });
}

function readAction(kind: NonNullable<(typeof actions)[string]>, rest: readonly Token[]): RuleCommand['action'] | null {
  const position = /^\d+$/.test(rest[0]?.text ?? '') ? Number(rest[0]?.text) : null;
  const rule = wordsOf(position === null ? rest : rest.slice(1));
  switch (kind) {
    case 'append':
      return position === null && rule !== '' ? { kind, rule } : null;
    case 'insert':
      return rule === '' || position === 0 ? null : { kind, position: position ?? 1, rule };
    case 'replace':
      return rule === '' || position === null || position === 0 ? null : { kind, position, rule };
    case 'delete':
      if (position !== null) return rule === '' && position > 0 ? { kind, position } : null;
      return rule === '' ? null : { kind: 'delete-rule', rule };
    case 'new-chain':
    case 'flush':
      return rest.length === 0 ? { kind } : null;
    case 'policy':
      return rule === 'ACCEPT' || rule === 'DROP' ? { kind, policy: rule } : null;
    default:
      return kind satisfies never;
  }
}

function takeOption(words: Token[], names: readonly string[]): string | null {
  const at = words.findIndex(({ text, quoted }) => !quoted && names.includes(text));
  return at < 0 ? null : (words.splice(at, 2)[1]?.text ?? null);
}

/** As iptables-save would write them: words with spaces in quotes. */
function wordsOf(tokens: readonly Token[]): string {
  return tokens.map(({ text, quoted }) => (quoted || /[\s"]/.test(text) ? JSON.stringify(text) : text)).join(' ');
}

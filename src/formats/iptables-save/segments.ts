import { own } from './own.ts';
import type { Token } from './tokens.ts';

/** One option with its values: `! --match-set NAME src,dst`. */
export interface Option {
  readonly name: string;
  readonly negated: boolean;
  readonly values: readonly string[];
}

/** A module with its options: the rule's own (`name` is empty), a match (`-m`), or the target (`-j`, `-g`). */
export interface Segment {
  readonly kind: 'base' | 'match' | 'jump' | 'goto';
  readonly name: string;
  readonly options: readonly Option[];
  /** As written, for messages. */
  readonly text: string;
}

const baseOptions = new Set([
  '-s',
  '-d',
  '-i',
  '-o',
  '-p',
  '-f',
  '--src',
  '--dst',
  '--source',
  '--destination',
  '--protocol',
  '--in-interface',
  '--out-interface',
]);
const openers: Readonly<Record<string, Segment['kind']>> = {
  '-m': 'match',
  '-j': 'jump',
  '-g': 'goto',
  '--match': 'match',
  '--jump': 'jump',
  '--goto': 'goto',
};

interface Draft {
  readonly kind: Segment['kind'];
  readonly name: string;
  readonly options: { name: string; negated: boolean; values: string[] }[];
  readonly words: string[];
}

/** Groups the words of a rule. A word that belongs nowhere is returned as the reason. */
export function segmentsOf(tokens: readonly Token[]): readonly Segment[] | { readonly because: string } {
  const drafts: Draft[] = [];
  let current: Draft | null = null;
  let negated = false;
  const open = (kind: Segment['kind'], name: string): Draft => {
    const draft: Draft = {
      kind,
      name,
      options: [],
      words: name === '' ? [] : [kind === 'match' ? '-m' : kind === 'goto' ? '-g' : '-j', name],
    };
    drafts.push(draft);
    return draft;
  };
  for (let i = 0; i < tokens.length; i++) {
    const { text, quoted } = tokens[i] as Token;
    const opener = quoted ? undefined : own(openers, text);
    if (opener !== undefined) {
      const name = tokens[++i]?.text;
      if (name === undefined || negated) return { because: `'${text}' ${negated ? "after '!'" : 'without a name'}` };
      current = open(opener, name);
    } else if (!quoted && text === '!') {
      negated = true;
      current?.words.push(text);
    } else if (!quoted && (baseOptions.has(text) || text.startsWith('--'))) {
      if (baseOptions.has(text)) current = drafts.find((draft) => draft.kind === 'base') ?? open('base', '');
      if (current === null) return { because: `option '${text}' before any module` };
      current.options.push({ name: text, negated, values: [] });
      current.words.push(text);
      negated = false;
    } else {
      const option = current?.options.at(-1);
      if (current === null || option === undefined) return { because: `word '${text}' that belongs to no option` };
      // iptables before 1.4.3 writes `--dport ! 80`.
      if (negated) option.negated = true;
      negated = false;
      option.values.push(text);
      current.words.push(quoted ? JSON.stringify(text) : text);
    }
  }
  if (negated) return { because: "'!' at the end" };
  return drafts.map(({ kind, name, options, words }) => ({ kind, name, options, text: words.join(' ') }));
}

/** One word of a rule. `quoted`: it stood in double quotes, so it is a value whatever it looks like. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/**
 * Splits a rule into words as iptables-restore does: blanks separate, double quotes keep blanks together, and inside
 * quotes a backslash takes the next character as it is. An unclosed quote is null.
 */
export function tokensOf(rule: string): readonly Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < rule.length) {
    if (rule[at] === ' ' || rule[at] === '\t') {
      at++;
    } else if (rule[at] === '"') {
      const quoted = quotedWord(rule, at + 1);
      if (quoted === null) return null;
      tokens.push({ text: quoted.text, quoted: true });
      at = quoted.end;
    } else {
      const end = plainEnd(rule, at);
      tokens.push({ text: rule.slice(at, end), quoted: false });
      at = end;
    }
  }
  return tokens;
}

function plainEnd(rule: string, from: number): number {
  let end = from;
  while (end < rule.length && rule[end] !== ' ' && rule[end] !== '\t') end++;
  return end;
}

function quotedWord(rule: string, from: number): { readonly text: string; readonly end: number } | null {
  let text = '';
  for (let at = from; at < rule.length; at++) {
    const char = rule[at] as string;
    if (char === '"') return { text, end: at + 1 };
    if (char === '\\' && at + 1 < rule.length) at++;
    text += rule[at];
  }
  return null;
}

import { notCompiled } from '../nft-listing/not-compiled.ts';
import { parseExpression } from './expressions.ts';
import { parseSet } from './values.ts';
import type { Words } from './words.ts';

/** What stands in the braces of `set NAME { ... }` and `map NAME { ... }`, in the fields of `nft -j`. */
export function parseSetDeclaration(words: Words): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const stmt: unknown[] = [];
  while (!words.ended) {
    const { word } = words;
    if (words.took('type')) Object.assign(found, typesAt(words));
    else if (words.took('typeof')) Object.assign(found, typeofAt(words));
    else if (words.took('flags')) found['flags'] = listAt(words);
    else if (words.took('elements')) {
      words.expect('=');
      found['elem'] = parseSet(words).set;
    } else if (words.took('auto-merge', ';')) continue;
    else if (['timeout', 'gc-interval', 'size', 'policy', 'comment'].includes(word)) skipOption(words);
    else stmt.push(words.statement());
  }
  return stmt.length === 0 ? found : { ...found, stmt };
}

/** Their values decide nothing: a set with time-outs has the flag. */
function skipOption(words: Words): void {
  words.take();
  words.take();
}

/** `ipv4_addr . inet_service : verdict`. */
function typesAt(words: Words): Readonly<Record<string, unknown>> {
  const type = dotted(words);
  if (!words.took(':')) return { type };
  words.took('interval');
  return { type, map: dotted(words).join(' . ') };
}

function dotted(words: Words): readonly string[] {
  const names = [words.take()];
  while (words.took('.')) names.push(words.take());
  // `ct helper` and others are two words.
  if (names.length === 1 && names[0] === 'ct') names[0] = `ct ${words.take()}`;
  return names;
}

function typeofAt(words: Words): Readonly<Record<string, unknown>> {
  const type = { typeof: parseExpression(words) };
  if (!words.took(':')) return { type };
  words.took('interval');
  if (['verdict', 'counter', 'quota', 'limit', 'secmark', 'synproxy'].includes(words.word)) return { type, map: words.take() };
  return { type, map: { typeof: parseExpression(words) } };
}

function listAt(words: Words): readonly string[] {
  const names = [words.take()];
  while (words.took(',')) names.push(words.take());
  return names.every((name) => /^[a-z-]+$/.test(name)) ? names : notCompiled('flags');
}

import { failed, ok, type Result } from '#facts/result.ts';
import { foundText } from './shown.ts';

/** JSON text as a value; a syntax error names the line it was found in. `code` of the problem is `json-unreadable`. */
export function parseJson(text: string, source: string): Result<unknown> {
  try {
    return ok(JSON.parse(text));
  } catch {
    const position = faultIn(text);
    const found = text.trim() === '' ? 'an empty file' : isCut(text, position) ? 'the end of the file' : foundText(text.slice(position));
    return failed({ code: 'json-unreadable', source, line: lineAt(text, position), found, expected: 'JSON' });
  }
}

/** The text ends where a token belongs, or inside a string. */
function isCut(text: string, position: number): boolean {
  if (position >= text.length) return true;
  return text[position] === '"' && !text.includes('"', position + 1) && !text.includes('\n', position);
}

/** Offset of the first token that JSON does not allow there. (V8's message gives it for some errors only.) */
function faultIn(text: string): number {
  const open: string[] = [];
  let before = '';
  for (let at = skipSpace(text, 0); ; at = skipSpace(text, at)) {
    const { kind, end } = tokenAt(text, at);
    if (kind === null || !mayFollow(before, kind, open)) return at;
    if (kind === '{' || kind === '[') open.push(kind);
    if (kind === '}' || kind === ']') open.pop();
    before = kind === 'string' && (before === '{' || (before === ',' && open.at(-1) === '{')) ? 'key' : kind;
    at = end;
  }
}

const space = ' \t\n\r';
const ofNumber = '0123456789.eE+-';
const words = ['true', 'false', 'null'];
const noToken = { kind: null, end: 0 };

/** Loops and no patterns: a pattern that repeats over a string of many megabytes overflows the stack. */
function tokenAt(text: string, at: number): { readonly kind: string | null; readonly end: number } {
  const first = text[at] ?? '';
  if (first === '"') return stringAt(text, at);
  if (first !== '' && '{}[],:'.includes(first)) return { kind: first, end: at + 1 };
  if (/[-\d]/.test(first)) {
    let end = at + 1;
    while (end < text.length && ofNumber.includes(text[end] as string)) end++;
    return { kind: 'value', end };
  }
  const word = words.find((each) => text.startsWith(each, at));
  return word === undefined ? noToken : { kind: 'value', end: at + word.length };
}

function stringAt(text: string, start: number): { readonly kind: string | null; readonly end: number } {
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 34) return { kind: 'string', end: at + 1 };
    if (character < 32) return noToken;
    if (character === 92) at++;
  }
  return noToken;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && space.includes(text[at] as string)) at++;
  return at;
}

function mayFollow(before: string, kind: string, open: readonly string[]): boolean {
  const inside = open.at(-1);
  const startsValue = kind === 'string' || kind === 'value' || kind === '{' || kind === '[';
  if (before === 'key') return kind === ':';
  if (before === '{') return kind === 'string' || kind === '}';
  if (before === '[') return startsValue || kind === ']';
  if (before === ',') return inside === '{' ? kind === 'string' : startsValue;
  if (before === ':' || before === '') return startsValue;
  return inside !== undefined && (kind === ',' || kind === (inside === '{' ? '}' : ']'));
}

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < position; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

import { failed, ok, type Result } from '#facts/result.ts';
import { shown } from './shown.ts';

/** JSON text as a value; a syntax error names the line it was found in. `code` of the problem is `json-unreadable`. */
export function parseJson(text: string, source: string): Result<unknown> {
  try {
    return ok(JSON.parse(text));
  } catch {
    const position = faultIn(text);
    const found = text.trim() === '' ? 'an empty file' : position >= text.length ? 'the end of the file' : shown(text.slice(position));
    return failed({ code: 'json-unreadable', source, line: lineAt(text, position), found, expected: 'JSON' });
  }
}

const token = /[ \t\n\r]*(?:("(?:[^"\\\p{Cc}]|\\.|\x7f|[\x80-\x9f])*")|(-?\d[\d.eE+-]*|true|false|null)|([{}[\],:]))/uy;

/** Offset of the first token that JSON does not allow there. (V8's message gives it for some errors only.) */
function faultIn(text: string): number {
  const open: string[] = [];
  let before = '';
  token.lastIndex = 0;
  for (let at = 0; ; at = token.lastIndex) {
    const found = token.exec(text);
    const start = at + (/^[ \t\n\r]*/.exec(text.slice(at, at + 4096)) as RegExpExecArray)[0].length;
    if (found === null) return start;
    const kind = found[1] !== undefined ? 'string' : (found[3] ?? 'value');
    if (!mayFollow(before, kind, open)) return start;
    if (kind === '{' || kind === '[') open.push(kind);
    if (kind === '}' || kind === ']') open.pop();
    before = kind === 'string' && (before === '{' || (before === ',' && open.at(-1) === '{')) ? 'key' : kind;
  }
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

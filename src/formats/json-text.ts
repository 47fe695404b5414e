import { failed, ok, type Result } from '#facts/result.ts';
import { shown } from './shown.ts';

/** JSON text as a value; a syntax error names the line it was found in. `code` of the problem is `json-unreadable`. */
export function parseJson(text: string, source: string): Result<unknown> {
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    const message = (error as SyntaxError).message;
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    const found = text.trim() === '' ? 'an empty file' : position >= text.length ? 'the end of the file' : shown(text.slice(position));
    return failed({ code: 'json-unreadable', source, line: lineAt(text, position), found, expected: 'JSON' });
  }
}

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < position; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

import { instant } from '#facts/instant.ts';
import { failed, ok, type Result } from '#facts/result.ts';
import type { InterfaceCapture } from '#facts/snapshot.ts';
import { isObject, type JsonObject } from './json-fields.ts';
import { parseIsoTime } from './parse-time.ts';
import { shown } from './shown.ts';

/** `packets/*.json`: one JSON object a line; the first names the interface and whose end it is, the others are packets. */
export function readInterfaceCapture(text: string, source: string): Result<InterfaceCapture> {
  const lines = text.split('\n');
  const objects: { readonly value: JsonObject; readonly line: number; readonly text: string }[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const value = objectIn(line);
    if (value === null)
      return failed({ code: 'packets-unreadable', source, line: index + 1, found: shown(line), expected: 'one JSON object a line' });
    objects.push({ value, line: index + 1, text: line });
  }
  const [head, ...packets] = objects;
  return ok({
    interface: String(head?.value['interface'] ?? ''),
    end: String(head?.value['end'] ?? ''),
    packets: packets.map(({ value, line, text: whole }) => ({
      time: parseIsoTime(String(value['time']))?.at ?? instant(0),
      summary: String(value['summary'] ?? ''),
      from: String(value['from'] ?? ''),
      to: String(value['to'] ?? ''),
      line,
      text: whole,
    })),
    source,
  });
}

function objectIn(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

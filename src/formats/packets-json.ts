import { instant } from '#facts/instant.ts';
import { failed, ok, type Result } from '#facts/result.ts';
import type { InterfaceCapture } from '#facts/snapshot.ts';
import { parseIsoTime } from './parse-time.ts';

/** `packets/*.json`: one JSON object a line; the first names the interface and whose end it is, the others are packets. */
export function readInterfaceCapture(text: string, source: string): Result<InterfaceCapture> {
  const lines = text.split('\n');
  const objects: { readonly value: Readonly<Record<string, unknown>>; readonly line: number; readonly text: string }[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    try {
      objects.push({ value: JSON.parse(line), line: index + 1, text: line });
    } catch {
      return failed({ code: 'packets-unreadable', source, line: index + 1, found: line.slice(0, 60), expected: 'one JSON object a line' });
    }
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

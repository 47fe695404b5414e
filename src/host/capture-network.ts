import type { Capture } from './capture-context.ts';
import { runCommand } from './run-command.ts';

const bounds = { timeout: 20_000, maxBytes: 256 * 1024 * 1024 };

/** Links, addresses, neighbours, and routes and routing rules of both families, one object a line so that evidence can cite them. */
export function captureNetwork(capture: Capture): void {
  listing(capture, 'net/link.json', [['-d', 'link', 'show']]);
  listing(capture, 'net/addr.json', [['address', 'show']]);
  listing(capture, 'net/neigh.json', [['neighbour', 'show']]);
  listing(capture, 'net/route.json', [
    ['-4', 'route', 'show', 'table', 'all'],
    ['-6', 'route', 'show', 'table', 'all'],
  ]);
  listing(capture, 'net/rule.json', [
    ['-4', 'rule', 'show'],
    ['-6', 'rule', 'show'],
  ]);
}

function listing(capture: Capture, path: string, calls: readonly (readonly string[])[]): void {
  if (!capture.exec) return capture.record.lacks(path, 'commands are not run (--no-exec)');
  const objects: unknown[] = [];
  for (const args of calls) {
    const output = runCommand('ip', ['-j', ...args], bounds);
    if (!output.ok) return capture.record.lacks(path, output.because);
    const found = parsed(output.stdout.toString('utf8'));
    if (found === null) return capture.record.lacks(path, `ip -j ${args.join(' ')} printed no JSON array`);
    const family = args[0] === '-4' ? 'inet' : args[0] === '-6' ? 'inet6' : null;
    objects.push(...(family === null ? found : found.map((each) => ({ family, ...each }))));
  }
  const lines = objects.map((each) => JSON.stringify(each)).join(',\n');
  capture.record.write(path, `[\n${lines}\n]\n`, calls.map((args) => `ip -j ${args.join(' ')}`).join('; '));
}

/** iproute2 prints nothing at all for an empty list. */
function parsed(text: string): readonly object[] | null {
  if (text.trim() === '') return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

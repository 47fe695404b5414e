import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

interface Tool {
  /** What a command starts with; the rest of the line is the tool's input. */
  readonly prefix: string;
  run(lines: readonly string[]): void;
}

const feed = (command: string, args: readonly string[], lines: readonly string[]): void => {
  execFileSync(command, args, { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'ignore', 'pipe'] });
};

/** Longest prefix first: a process takes a whole run of commands, so that a scene starts few. */
const tools: readonly Tool[] = [
  { prefix: 'ip -6 ', run: (lines) => feed('ip', ['-6', '-batch', '-'], lines) },
  { prefix: 'bridge ', run: (lines) => feed('bridge', ['-batch', '-'], lines) },
  { prefix: 'ip ', run: (lines) => feed('ip', ['-batch', '-'], lines) },
  { prefix: 'ipset ', run: (lines) => feed('ipset', ['restore'], lines) },
  { prefix: 'sysctl -qw ', run: (lines) => lines.flatMap((line) => line.split(' ')).forEach(writeSysctl) },
  { prefix: '', run: (lines) => feed('sh', ['-e'], lines) },
];

function writeSysctl(assignment: string): void {
  const [name, value] = assignment.split('=') as [string, string];
  writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, value);
}

/** Runs a scene's commands in their order. */
export function runCommands(commands: readonly string[]): void {
  let waiting: { readonly tool: Tool; readonly lines: string[] } | null = null;
  for (const command of commands) {
    const tool = tools.find(({ prefix }) => command.startsWith(prefix)) as Tool;
    if (waiting !== null && waiting.tool !== tool) {
      waiting.tool.run(waiting.lines);
      waiting = null;
    }
    waiting ??= { tool, lines: [] };
    waiting.lines.push(command.slice(tool.prefix.length));
  }
  if (waiting !== null) waiting.tool.run(waiting.lines);
}

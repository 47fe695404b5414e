import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Names of the lab's cgroups carry their owner: `faultline-lab-PID-STARTTIME`. */
const prefix = 'faultline-lab-';

/** Field 22 of /proc/PID/stat: with the pid it names one process for good. Null where there is none. */
export function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

export function labName(): string {
  return `${prefix}${process.pid}-${startTime(process.pid)}`;
}

/** Labs whose cgroups are there, and whether their owner still runs. */
export function listLabs(root: string): readonly { readonly name: string; readonly running: boolean }[] {
  const names = readdirSync(root).filter((name) => /^faultline-lab-\d+-\d+$/.test(name));
  return names.map((name) => {
    const [pid, started] = name.slice(prefix.length).split('-');
    return { name, running: startTime(Number(pid)) === started };
  });
}

/** Removes a lab's cgroups, the deepest first. Its processes are dying: waits for them, at most 10 s. */
export async function removeCgroups(path: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (existsSync(path)) {
    try {
      removeTree(path);
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(20);
    }
  }
}

function removeTree(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(`${path}/${entry.name}`);
  }
  rmdirSync(path);
}

/** Removes what labs left whose owner is gone. Labs that run are not touched. */
export async function removeLeftovers(root: string): Promise<readonly string[]> {
  const gone = listLabs(root).filter(({ running }) => !running);
  for (const { name } of gone) await removeCgroups(`${root}/${name}`);
  return gone.map(({ name }) => name);
}

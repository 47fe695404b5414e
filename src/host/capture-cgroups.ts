import { existsSync, readdirSync } from 'node:fs';
import type { Capture } from './capture-context.ts';
import { readWhole, reasonOf } from './read-file.ts';

const files = ['pids.current', 'pids.max', 'pids.events', 'pids.events.local', 'pids.peak'];
const maxGroups = 20_000;

/** The pids files of every cgroup: of the v1 controller where it is mounted, else of the unified hierarchy. */
export function captureCgroups(capture: Capture): void {
  const mount = findMount(capture);
  if (mount === null) return capture.record.lacks('cgroup', 'no pids controller in /proc/mounts');
  const folders: string[] = [''];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (++seen > maxGroups) return capture.record.lacks(`${mount.target}/...`, `more than ${maxGroups} cgroups: the rest was left out`);
    captureGroup(capture, mount, folder);
    folders.push(...childrenOf(capture, mount, folder));
  }
}

interface Mount {
  readonly path: string;
  readonly target: 'cgroup/pids' | 'cgroup/unified';
}

function findMount(capture: Capture): Mount | null {
  const mounts = readWhole(`${capture.root}/proc/mounts`, 16 * 1024 * 1024);
  if (!mounts.ok) return null;
  const lines = Buffer.from(mounts.content)
    .toString('utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const v1 = lines.findLast(([, , type, options]) => type === 'cgroup' && options?.split(',').includes('pids'));
  if (v1?.[1] !== undefined) return { path: v1[1], target: 'cgroup/pids' };
  const v2 = lines.findLast(([, , type]) => type === 'cgroup2');
  return v2?.[1] === undefined ? null : { path: v2[1], target: 'cgroup/unified' };
}

function captureGroup(capture: Capture, mount: Mount, folder: string): void {
  for (const name of files) {
    const path = `${capture.root}${mount.path}${folder}/${name}`;
    if (!existsSync(path)) continue;
    const found = readWhole(path, 65_536);
    const target = `${mount.target}${folder}/${name}`;
    if (found.ok) capture.record.write(target, found.content, `${mount.path}${folder}/${name}`);
    // A cgroup may vanish while it is read: it is not part of this moment then.
    else if (!found.because.startsWith('ENOENT') && !found.because.startsWith('ENODEV')) capture.record.lacks(target, found.because);
  }
}

function childrenOf(capture: Capture, mount: Mount, folder: string): readonly string[] {
  try {
    const entries = readdirSync(`${capture.root}${mount.path}${folder}`, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => `${folder}/${entry.name}`);
  } catch (error) {
    const because = reasonOf(error);
    if (!because.startsWith('ENOENT')) capture.record.lacks(`${mount.target}${folder}`, because);
    return [];
  }
}

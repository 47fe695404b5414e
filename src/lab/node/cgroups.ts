import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The pids controller's root and version as this mount namespace shows them; null where there is none. */
export function pidsRoot(): { readonly version: 1 | 2; readonly path: string } | null {
  if (existsSync('/sys/fs/cgroup/pids/cgroup.procs')) return { version: 1, path: '/sys/fs/cgroup/pids' };
  const controllers = '/sys/fs/cgroup/cgroup.controllers';
  const hasPids = existsSync(controllers) && readFileSync(controllers, 'utf8').split(/\s+/).includes('pids');
  return hasPids ? { version: 2, path: '/sys/fs/cgroup' } : null;
}

/** Makes a cgroup below `root` and, on v2, hands the pids controller down to it. */
export function makeCgroup(root: { readonly version: 1 | 2; readonly path: string }, path: string): string {
  const full = root.path + path;
  if (existsSync(full)) return full;
  const parent = dirname(path) === '/' ? root.path : makeCgroup(root, dirname(path));
  if (root.version === 2) writeFileSync(`${parent}/cgroup.subtree_control`, '+pids');
  mkdirSync(full, { recursive: true });
  return full;
}

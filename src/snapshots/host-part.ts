import type { PidsHierarchy } from '#facts/cgroup.ts';
import type { Located } from '#facts/evidence.ts';
import type { Process } from '#facts/process.ts';
import { missing, type Reading, read } from '#facts/result.ts';
import { readPidsHierarchy } from '#formats/pids-cgroup.ts';
import { lineValue, readProcess } from '#formats/procfs.ts';
import { locate } from './bundle-names.ts';
import type { Parts } from './parts.ts';
import { textOf } from './text.ts';

export function readPids(parts: Parts): Reading<PidsHierarchy> {
  for (const [source, version] of [
    ['cgroup/pids', 1],
    ['cgroup/unified', 2],
  ] as const) {
    const prefix = `${source}/`;
    const paths = parts.files.list().filter((path) => path.startsWith(prefix));
    // Without one of its files a cgroup might look as if it had no limit.
    const [refused] = [...parts.files.unreadable].filter(([path]) => path.startsWith(prefix));
    if (refused !== undefined) return missing(...refused);
    if (paths.length === 0) continue;
    const files = new Map(paths.map((path) => [path.slice(prefix.length), textOf(parts.files, path)]));
    return read(readPidsHierarchy(files, { version, source, kernel: parts.manifest.kernel }), source);
  }
  return parts.lacks('cgroup');
}

/** Field 4 of /proc/loadavg is `running/total` tasks of the host, also inside a PID namespace (fs/proc/loadavg.c). */
export function readTasks(parts: Parts): Reading<Located<number>> {
  const source = 'proc/loadavg';
  if (!parts.files.has(source)) return parts.lacks(source);
  const found = lineValue(textOf(parts.files, source), source, (line) => Number(/^\S+ \S+ \S+ \d+\/(\d+) /.exec(line)?.[1] ?? Number.NaN));
  return found === null ? missing(source, 'no running/total field') : read(found, source);
}

export function readProcesses(parts: Parts): Reading<readonly Process[]> {
  const paths = parts.files.list().filter((path) => /^proc\/\d+\/status$/.test(path));
  if (paths.length === 0) return parts.lacks('proc');
  const optional = (path: string): string | null => (parts.files.has(path) ? textOf(parts.files, path) : null);
  return read(
    paths.flatMap((path) => {
      const folder = path.slice(0, -'/status'.length);
      return (
        readProcess(
          { status: textOf(parts.files, path), limits: optional(`${folder}/limits`), cgroup: optional(`${folder}/cgroup`) },
          folder,
        ) ?? []
      );
    }),
    'proc',
  );
}

/** Sysctls by dotted name; dots inside an interface's name become slashes, as sysctl(8) prints them. */
export function readSysctls(parts: Parts): ReadonlyMap<string, Located<string>> {
  const listing = locate(parts.files, 'sysctl -a');
  const found = listing === null ? new Map<string, Located<string>>() : readSysctlListing(textOf(parts.files, listing), listing);
  for (const path of parts.files.list()) {
    if (!path.startsWith('sysctl/')) continue;
    const name = path
      .slice('sysctl/'.length)
      .split('/')
      .map((part) => part.replaceAll('.', '/'))
      .join('.');
    const value = lineValue(textOf(parts.files, path), path, (line) => line);
    if (value !== null) found.set(name, value);
  }
  return found;
}

/** `net.ipv4.conf.eth0/100.forwarding = 1`, as sysctl(8) prints it with `-a`. */
function readSysctlListing(text: string, source: string): Map<string, Located<string>> {
  return new Map(
    text.split('\n').flatMap((line, i): readonly (readonly [string, Located<string>])[] => {
      const at = line.indexOf(' = ');
      return at <= 0 ? [] : [[line.slice(0, at), { value: line.slice(at + 3), at: { source, line: i + 1 }, text: line }]];
    }),
  );
}

/** Use of host-wide limits: `fs.file-nr` (allocated files), `nf_conntrack_count`. */
export function readCounters(sysctls: ReadonlyMap<string, Located<string>>): ReadonlyMap<string, Located<number>> {
  const counters = new Map<string, Located<number>>();
  const add = (name: string, sysctl: string): void => {
    const found = sysctls.get(sysctl);
    const value = Number(found?.value.trim().split(/\s+/)[0]);
    if (found !== undefined && Number.isInteger(value)) counters.set(name, { ...found, value });
  };
  add('fs.file-nr', 'fs.file-nr');
  add('nf_conntrack_count', 'net.netfilter.nf_conntrack_count');
  return counters;
}

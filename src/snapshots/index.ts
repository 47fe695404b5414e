import { existsSync, statSync } from 'node:fs';
import { instant } from '#facts/instant.ts';
import { failed, missing, ok, type Reading, type Result, read } from '#facts/result.ts';
import type { InterfaceCapture, Snapshot } from '#facts/snapshot.ts';
import { readAddresses, readLinks, readNeighbours, readRoutes, readRoutingRules } from '#formats/ip-json.ts';
import { readDaemonSets, readEvents, readFelixConfigurations, readNodes, readPods, readServices } from '#formats/kubernetes-json.ts';
import { readInterfaceCapture } from '#formats/packets-json.ts';
import { directoryFiles, type SnapshotFiles } from './files.ts';
import { readCounters, readPids, readProcesses, readSysctls, readTasks } from './host-part.ts';
import { integrityGaps } from './integrity.ts';
import { lazy } from './lazy.ts';
import { readLogs } from './logs-part.ts';
import { readManifest } from './manifest.ts';
import { type Parts, partsOf } from './parts.ts';
import { readIptablesCommand, readingOf, readNative, readRules, readSets } from './rules-part.ts';
import { textOf } from './text.ts';
import { readVersions } from './versions-part.ts';

export { memoryFiles, type SnapshotFiles } from './files.ts';

/** Opens a directory: our own snapshot, or a plain folder that holds only dumps. */
export function openSnapshot(path: string): Result<Snapshot> {
  const problem = (found: string): Result<Snapshot> =>
    failed({ code: 'source-unreadable', source: path, found, expected: 'a snapshot directory' });
  if (!existsSync(path)) return problem('no such file or directory');
  if (!statSync(path).isDirectory()) return problem('a file');
  try {
    return snapshotOf(directoryFiles(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return problem(code);
  }
}

/** Reads each part when an engine first asks for it, so that a command pays only for what it looks at. */
export function snapshotOf(files: SnapshotFiles): Result<Snapshot> {
  const manifest = readManifest(files);
  if (!manifest.ok) return manifest;
  const parts = partsOf(files, manifest.value);
  const { node, capturedAt, collector, kernel, notes } = manifest.value;
  const logs = readLogs(parts);
  const lazyParts = {
    legacyIp: lazy(() => readRules(parts, 'legacy', 'ip')),
    legacyIp6: lazy(() => readRules(parts, 'legacy', 'ip6')),
    nftIp: lazy(() => readRules(parts, 'nft', 'ip')),
    nftIp6: lazy(() => readRules(parts, 'nft', 'ip6')),
  };
  const sysctls = lazy(() => readSysctls(parts));
  const getters = {
    versions: lazy(() => readVersions(parts)),
    nativeChains: lazy(() => readNative(parts)),
    ipsets: lazy(() => readSets(parts)),
    iptablesCommand: lazy(() => readIptablesCommand(parts)),
    links: lazy(() => readText(parts, 'net/link.json', readLinks)),
    addresses: lazy(() => readText(parts, 'net/addr.json', readAddresses)),
    routes: lazy(() => readText(parts, 'net/route.json', readRoutes)),
    routingRules: lazy(() => readText(parts, 'net/rule.json', readRoutingRules)),
    neighbours: lazy(() => readText(parts, 'net/neigh.json', readNeighbours)),
    sysctls,
    pids: lazy(() => readPids(parts)),
    tasks: lazy(() => readTasks(parts)),
    processes: lazy(() => readProcesses(parts)),
    counters: lazy(() => readCounters(sysctls())),
    pods: lazy(() => readText(parts, 'kubernetes/pods.json', readPods)),
    services: lazy(() => readText(parts, 'kubernetes/services.json', readServices)),
    events: lazy(() => readText(parts, 'kubernetes/events.json', readEvents)),
    nodes: lazy(() => readText(parts, 'kubernetes/nodes.json', readNodes)),
    daemonSets: lazy(() => readText(parts, 'kubernetes/daemonsets.json', readDaemonSets)),
    felixConfigurations: lazy(() => readText(parts, 'kubernetes/felixconfigurations.json', readFelixConfigurations)),
    packets: lazy(() => readPackets(parts)),
  };
  const snapshot = {
    node,
    capturedAt: instant(Date.parse(capturedAt)),
    collector,
    kernel,
    notes,
    gaps: [...manifest.value.missing.map(({ path, because }) => ({ source: path, because })), ...integrityGaps(parts), ...logs.gaps],
    logs: logs.logs,
    rulesets: {
      legacy: {
        get ip() {
          return lazyParts.legacyIp();
        },
        get ip6() {
          return lazyParts.legacyIp6();
        },
      },
      nft: {
        get ip() {
          return lazyParts.nftIp();
        },
        get ip6() {
          return lazyParts.nftIp6();
        },
      },
    },
  };
  for (const [name, get] of Object.entries(getters)) Object.defineProperty(snapshot, name, { get, enumerable: true });
  return ok(snapshot as unknown as Snapshot);
}

function readText<T>(parts: Parts, path: string, parse: (text: string, source: string) => Result<readonly T[]>): Reading<readonly T[]> {
  const found = parts.find(path, path.slice(path.indexOf('/') + 1));
  return found === null ? parts.lacks(path) : readingOf(parse(textOf(parts.files, found), found), found);
}

function readPackets(parts: Parts): Reading<readonly InterfaceCapture[]> {
  const paths = parts.files.list().filter((path) => /^packets\/.*\.json$/.test(path));
  if (paths.length === 0) return missing('packets', 'no packets were captured');
  const captures: InterfaceCapture[] = [];
  for (const path of paths) {
    const result = readInterfaceCapture(textOf(parts.files, path), path);
    if (!result.ok) return readingOf(result, path);
    captures.push(result.value);
  }
  return read(captures, 'packets');
}

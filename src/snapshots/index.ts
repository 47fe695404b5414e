import { existsSync, statSync } from 'node:fs';
import { instant } from '#facts/instant.ts';
import { failed, missing, ok, type Reading, type Result, read } from '#facts/result.ts';
import type { InterfaceCapture, Snapshot } from '#facts/snapshot.ts';
import { readDaemonSets, readEvents, readFelixConfigurations, readNodes, readPods, readServices } from '#formats/kubernetes-json.ts';
import { readInterfaceCapture } from '#formats/packets-json.ts';
import { topName } from './dump-names.ts';
import { directoryFiles, type SnapshotFiles } from './files.ts';
import { readCounters, readPids, readProcesses, readSysctls, readTasks } from './host-part.ts';
import { integrityGaps } from './integrity.ts';
import { readKernelRules } from './kernel-part.ts';
import { lazy, lazyReading } from './lazy.ts';
import { readNftListing } from './listing-part.ts';
import { readLogs } from './logs-part.ts';
import { readManifest } from './manifest.ts';
import { networkReaders } from './network-part.ts';
import { type Parts, partsOf } from './parts.ts';
import { readIptablesCommand, readingOf, readNative, readRules, readSets } from './rules-part.ts';
import { textOf } from './text.ts';
import { readVersions } from './versions-part.ts';

export { memoryFiles, type SnapshotFiles } from './files.ts';

/** Opens a directory: our own snapshot, or a plain folder that holds only dumps. */
export function openSnapshot(path: string): Result<Snapshot> {
  const problem = (found: string, expected = 'a snapshot directory'): Result<Snapshot> =>
    failed({ code: 'source-unreadable', source: path, found, expected });
  if (!existsSync(path)) return problem('no such file or directory');
  if (!statSync(path).isDirectory()) return problem('a file', 'a snapshot directory (an archive has to be unpacked first)');
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
  const kernelRules = lazy(() => readKernelRules(parts));
  const network = networkReaders(parts);
  const lazyParts = {
    legacyIp: lazyReading('netfilter/iptables-legacy-save', () => readRules(parts, { backend: 'legacy', family: 'ip' }, kernelRules)),
    legacyIp6: lazyReading('netfilter/ip6tables-legacy-save', () => readRules(parts, { backend: 'legacy', family: 'ip6' }, kernelRules)),
    nftIp: lazyReading('netfilter/iptables-nft-save', () => readRules(parts, { backend: 'nft', family: 'ip' }, kernelRules)),
    nftIp6: lazyReading('netfilter/ip6tables-nft-save', () => readRules(parts, { backend: 'nft', family: 'ip6' }, kernelRules)),
  };
  const text = <T>(path: string, parse: ParseText<T>) => lazyReading(path, () => readText(parts, path, parse));
  const sysctls = lazy(() => readSysctls(parts));
  const getters = {
    versions: lazy(() => readVersions(parts)),
    kernelRules,
    nftListing: lazyReading('netfilter/nft-ruleset.json', () => readNftListing(parts)),
    nativeChains: lazyReading('netfilter/nft-ruleset.json', () => readNative(parts, kernelRules)),
    ipsets: lazyReading('netfilter/ipset-save', () => readSets(parts)),
    iptablesCommand: lazyReading('netfilter/iptables-version', () => readIptablesCommand(parts)),
    links: lazyReading('net/link.json', network.links),
    addresses: lazyReading('net/addr.json', network.addresses),
    routes: lazyReading('net/route.json', network.routes),
    routingRules: lazyReading('net/rule.json', network.routingRules),
    neighbours: lazyReading('net/neigh.json', network.neighbours),
    bridgeEntries: lazyReading('netlink/neigh', network.bridgeEntries),
    sysctls,
    pids: lazyReading('cgroup', () => readPids(parts)),
    tasks: lazyReading('proc/loadavg', () => readTasks(parts)),
    processes: lazyReading('proc', () => readProcesses(parts)),
    counters: lazy(() => readCounters(sysctls())),
    pods: text('kubernetes/pods.json', readPods),
    services: text('kubernetes/services.json', readServices),
    events: text('kubernetes/events.json', readEvents),
    nodes: text('kubernetes/nodes.json', readNodes),
    daemonSets: text('kubernetes/daemonsets.json', readDaemonSets),
    felixConfigurations: text('kubernetes/felixconfigurations.json', readFelixConfigurations),
    packets: lazyReading('packets', () => readPackets(parts)),
  };
  const snapshot = {
    node,
    capturedAt: capturedAt === null ? null : instant(Date.parse(capturedAt)),
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

type ParseText<T> = (text: string, source: string) => Result<readonly T[]>;

function readText<T>(parts: Parts, path: string, parse: ParseText<T>): Reading<readonly T[]> {
  const found = parts.find(path, topName(path));
  return found === null ? parts.lacks(path) : readingOf(parse(textOf(parts.files, found), found), found);
}

function readPackets(parts: Parts): Reading<readonly InterfaceCapture[]> {
  const paths = parts.files.list().filter((path) => /^packets\/.*\.json$/.test(path));
  const [refused] = [...parts.files.unreadable].filter(([path]) => path.startsWith('packets/'));
  if (refused !== undefined) return missing(...refused);
  if (paths.length === 0) return missing('packets', 'no packets were captured');
  const captures: InterfaceCapture[] = [];
  for (const path of paths) {
    const result = readInterfaceCapture(textOf(parts.files, path), path);
    if (!result.ok) return readingOf(result, path);
    captures.push(result.value);
  }
  return read(captures, 'packets');
}

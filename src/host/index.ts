import { captureCgroups } from './capture-cgroups.ts';
import type { Capture } from './capture-context.ts';
import { captureKernel } from './capture-kernel.ts';
import { captureKubernetes } from './capture-kubernetes.ts';
import { captureLogs } from './capture-logs.ts';
import { captureNetwork } from './capture-network.ts';
import { captureProc, copy } from './capture-proc.ts';
import { captureRules } from './capture-rules.ts';
import { captureSysctls } from './capture-sysctls.ts';
import { readWhole } from './read-file.ts';
import { type MissingEntry, Recorder } from './recorder.ts';

/** Takes what a capture reads. Paths are relative to the snapshot's root. */
export interface CaptureSink {
  write(path: string, content: Uint8Array): void;
}

export interface CaptureOptions {
  /** Named in snapshot.json: `faultline 0.1.0 capture`. */
  readonly collector: string;
  /** False: only file reads, no process is started. */
  readonly exec: boolean;
  /** Root of the file system to read: `/` for this node. */
  readonly root: string;
  /** Milliseconds since 1970: older logs may be left out. */
  readonly since?: number;
  /** Told to whoever reads the snapshot, for example the scale of a lab. */
  readonly notes?: readonly string[];
  /** Who wrote a file that no real component did, by the file's path in the snapshot; undefined for real ones. */
  readonly standIn?: (path: string) => string | undefined;
  /** More files for the snapshot, such as packet captures: path -> content and origin. */
  readonly extra?: ReadonlyMap<string, { readonly content: string; readonly origin: string }>;
  /** Called before each part, for progress. */
  readonly onPart?: (title: string) => void;
}

export interface CaptureSummary {
  readonly node: string;
  readonly files: number;
  readonly bytes: number;
  readonly missing: readonly MissingEntry[];
}

/**
 * Writes a snapshot of a node. It only reads; what cannot be read is named in snapshot.json under `missing` and never ends the capture.
 */
export function capture(options: CaptureOptions, sink: CaptureSink): CaptureSummary {
  const record = new Recorder(sink, options.standIn ?? (() => undefined));
  const context: Capture = { root: options.root.replace(/\/+$/, ''), exec: options.exec, since: options.since ?? null, record };
  const node = wordOf(context, 'hostname') ?? 'unknown';
  // The order is that of haste: counters and rules change soonest.
  const parts: readonly (readonly [string, () => void])[] = [
    ['cgroups', () => captureCgroups(context)],
    ['processes', () => captureProc(context)],
    ['kernel', () => captureKernel(context)],
    ['rules', () => captureRules(context)],
    ['network', () => captureNetwork(context)],
    ['sysctls', () => captureSysctls(context)],
    ['logs', () => captureLogs(context)],
    ['Kubernetes objects', () => captureKubernetes(context, node)],
  ];
  const capturedAt = new Date().toISOString();
  for (const [title, part] of parts) {
    options.onPart?.(title);
    part();
  }
  for (const [path, { content, origin }] of options.extra ?? []) record.write(path, content, origin);
  copy(context, 'etc/os-release', 'optional');
  const head = {
    formatVersion: 1,
    node,
    capturedAt,
    collector: options.collector,
    kernel: wordOf(context, 'osrelease'),
    notes: options.notes ?? [],
  };
  const text = `${JSON.stringify({ ...head, files: record.files, missing: record.missing, proven: record.proven }, null, 2)}\n`;
  sink.write('snapshot.json', Buffer.from(text));
  const bytes = Object.values(record.files).reduce((sum, file) => sum + file.bytes, 0);
  return { node, files: Object.keys(record.files).length, bytes, missing: record.missing };
}

function wordOf(context: Capture, name: 'hostname' | 'osrelease'): string | null {
  const found = readWhole(`${context.root}/proc/sys/kernel/${name}`, 4096);
  return found.ok ? Buffer.from(found.content).toString('utf8').trim() : null;
}

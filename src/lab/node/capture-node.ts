import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type CaptureSummary, capture } from '#host/index.ts';

/** The lab's own words about what stood in for whom: by path in the snapshot. */
const standIns: readonly (readonly [RegExp, string])[] = [
  [/^logs\/calico-node/, "the lab's stand-in for Felix v3.18.1; the commands that it ran and their failures are real"],
  [/^logs\/(kubelet|kube-proxy)/, "the lab's stand-in for this component"],
  [/^kubernetes\//, "the lab's stand-in for the API server"],
];

export interface CaptureWish {
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly notes: readonly string[];
  /** Packet captures: path and content. */
  readonly extra: readonly (readonly [string, string])[];
}

/** Captures the node that this process is in, as `faultline capture` does, into a folder. */
export function captureNode({ folder, since, notes, extra: packets }: CaptureWish): CaptureSummary['missing'] {
  const write = (path: string, content: Uint8Array): void => {
    mkdirSync(dirname(`${folder}/${path}`), { recursive: true });
    writeFileSync(`${folder}/${path}`, content);
  };
  const standIn = (path: string): string | undefined => standIns.find(([pattern]) => pattern.test(path))?.[1];
  const extra = new Map(packets.map(([path, content]) => [path, { content, origin: 'AF_PACKET at both ends of a veth' }]));
  return capture({ collector: 'faultline lab', exec: true, root: '/', since, notes, standIn, extra }, { write }).missing;
}

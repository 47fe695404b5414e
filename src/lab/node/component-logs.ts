import { appendFileSync, mkdirSync } from 'node:fs';
import type { LabPod } from '../plan.ts';

/** A container's log file as the kubelet lays them out; `restart` counts from 0. */
export function containerLog(pod: Pick<LabPod, 'namespace' | 'name' | 'uid'>, container: string, restart: number): string {
  const directory = `/var/log/pods/${pod.namespace}_${pod.name}_${pod.uid}/${container}`;
  mkdirSync(directory, { recursive: true });
  return `${directory}/${restart}.log`;
}

/** Appends text in the CRI's framing: time, stream, full or partial, line. */
export function appendCri(path: string, stream: 'stdout' | 'stderr', text: string): void {
  const time = new Date().toISOString().replace('Z', '000000Z');
  const lines = text.split('\n').filter((line) => line !== '');
  appendFileSync(path, lines.map((line) => `${time} ${stream} F ${line}\n`).join(''));
}

/** Appends one line in klog's format: level, month and day, time, thread, place. */
export function appendKlog(path: string, level: 'I' | 'W' | 'E', message: string): void {
  const [, month, day, time] = /-(\d\d)-(\d\d)T([\d:.]+)Z/.exec(new Date().toISOString()) as unknown as string[];
  appendFileSync(path, `${level}${month}${day} ${time}000 ${String(process.pid).padStart(7)} ${message}\n`);
}

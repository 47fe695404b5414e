import { readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Capture } from './capture-context.ts';
import { reasonOf } from './read-file.ts';
import { readKernel } from './read-kernel.ts';

/** What the kernel says of its rules, sets and routes, as raw messages: no command is needed for it, and none can hide anything. */
export function captureKernel(capture: Capture): void {
  const { files, origins, missing, proven } = readKernel(capture.root);
  for (const [path, bytes] of files) capture.record.write(path, bytes, origins.get(path) ?? 'netlink');
  for (const { path, because } of missing) capture.record.lacks(path, because);
  for (const { path, because } of proven) capture.record.proves(path, because);
  captureIptablesLink(capture);
}

const places = ['/usr/sbin/iptables', '/sbin/iptables', '/usr/local/sbin/iptables', '/usr/bin/iptables', '/bin/iptables'];
const maxLinks = 10;

/** Where `iptables` leads to, one link a line: its last name tells the backend, without running it. */
function captureIptablesLink(capture: Capture): void {
  const path = 'netfilter/iptables-links';
  let because = '';
  for (const place of places) {
    try {
      return capture.record.write(path, `${linksFrom(capture.root, place).join('\n')}\n`, `readlink ${place}`);
    } catch (error) {
      because = `${place}: ${reasonOf(error)}`;
    }
  }
  capture.record.lacks(path, because);
}

/** Absolute links are links within the root. Throws where `from` is no link. */
function linksFrom(root: string, from: string): readonly string[] {
  const found = [from, followed(root, from)];
  while (found.length < maxLinks) {
    try {
      found.push(followed(root, found.at(-1) as string));
    } catch {
      break;
    }
  }
  return found;
}

function followed(root: string, path: string): string {
  return resolve(dirname(path), readlinkSync(`${root}${path}`));
}

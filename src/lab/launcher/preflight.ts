import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';
import { pidsRoot } from '../node/cgroups.ts';

const saves = ['iptables', 'ip6tables'].flatMap((program) =>
  ['nft', 'legacy'].flatMap((mode) => ['save', 'restore'].map((operation) => `${program}-${mode}-${operation}`)),
);
const tools = [...saves, 'ipset', 'ip', 'unshare', 'setpriv', 'nsenter', 'mount', 'hostname', 'cp', 'sleep', 'sh'];

/** Why a lab cannot run here, in a sentence; null where it can. */
export function whyNot(): string | null {
  if (process.platform !== 'linux') return `the lab needs a Linux kernel; found ${process.platform}`;
  if (process.getuid?.() !== 0) return 'the lab makes namespaces and cgroups of its own and needs root: sudo faultline lab run ...';
  const missing = tools.filter((tool) => !onPath(tool));
  if (missing.length > 0) {
    return `not found: ${missing.join(', ')}; on Debian or Ubuntu: apt-get install iptables nftables ipset iproute2 util-linux`;
  }
  if (pidsRoot() === null) return 'no pids controller: neither /sys/fs/cgroup/pids (v1) nor pids in /sys/fs/cgroup/cgroup.controllers (v2)';
  return null;
}

function onPath(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(`${folder}/${tool}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

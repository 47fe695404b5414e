import { readdirSync } from 'node:fs';
import type { Capture } from './capture-context.ts';
import { readWhole } from './read-file.ts';

const host = [
  'kernel/pid_max',
  'kernel/threads-max',
  'kernel/hostname',
  'kernel/osrelease',
  'fs/file-max',
  'fs/file-nr',
  'fs/nr_open',
  'fs/inotify/max_user_instances',
  'fs/inotify/max_user_watches',
  'vm/max_map_count',
  'user/max_user_namespaces',
  'user/max_net_namespaces',
  'user/max_pid_namespaces',
  'user/max_mnt_namespaces',
  'net/ipv4/ip_forward',
  'net/netfilter/nf_conntrack_max',
  'net/netfilter/nf_conntrack_count',
  'net/netfilter/nf_conntrack_buckets',
  'net/netfilter/nf_conntrack_tcp_loose',
  'net/netfilter/nf_conntrack_checksum',
  'net/ipv4/neigh/default/gc_thresh1',
  'net/ipv4/neigh/default/gc_thresh2',
  'net/ipv4/neigh/default/gc_thresh3',
  'net/ipv6/neigh/default/gc_thresh3',
  'net/ipv4/fib_multipath_use_neigh',
  'net/bridge/bridge-nf-call-iptables',
  'net/bridge/bridge-nf-call-ip6tables',
];
const ofInterface = {
  ipv4: [
    'rp_filter',
    'forwarding',
    'proxy_arp',
    'accept_local',
    'route_localnet',
    'src_valid_mark',
    'arp_filter',
    'send_redirects',
    'bc_forwarding',
    'ignore_routes_with_linkdown',
  ],
  ipv6: ['forwarding', 'force_forwarding', 'proxy_ndp', 'disable_ipv6', 'accept_ra', 'ignore_routes_with_linkdown', 'use_oif_addrs_only'],
} as const;

/** The sysctls that limits and packets depend on. One that this kernel does not have is simply not there. */
export function captureSysctls(capture: Capture): void {
  for (const name of host) copySysctl(capture, name);
  for (const version of ['ipv4', 'ipv6'] as const) {
    for (const name of interfaces(capture, version))
      for (const file of ofInterface[version]) copySysctl(capture, `net/${version}/conf/${name}/${file}`);
  }
}

function copySysctl(capture: Capture, name: string): void {
  const found = readWhole(`${capture.root}/proc/sys/${name}`, 65_536);
  if (found.ok) capture.record.write(`sysctl/${name}`, found.content, `/proc/sys/${name}`);
  else if (!found.because.startsWith('ENOENT')) capture.record.lacks(`sysctl/${name}`, found.because);
}

function interfaces(capture: Capture, version: 'ipv4' | 'ipv6'): readonly string[] {
  try {
    return readdirSync(`${capture.root}/proc/sys/net/${version}/conf`);
  } catch {
    return [];
  }
}

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Dumps } from './snapshot-of-dumps.ts';

const commands = {
  'netfilter/iptables-legacy-save': 'iptables-legacy-save -c',
  'netfilter/ip6tables-legacy-save': 'ip6tables-legacy-save -c',
  'netfilter/iptables-nft-save': 'iptables-nft-save -c',
  'netfilter/ip6tables-nft-save': 'ip6tables-nft-save -c',
  'netfilter/ipset-save': 'ipset save',
  'net/link': 'ip -j -d link',
  'net/addr': 'ip -j addr',
  'net/route4': 'ip -j -4 route show table all',
  'net/route6': 'ip -j -6 route show table all',
  'net/rule4': 'ip -j -4 rule',
  'net/rule6': 'ip -j -6 rule',
};

/** The dumps of this namespace, named as in a snapshot. */
export function dumpNode(): Dumps {
  const script = Object.values(commands).map((command) => `${command}; printf '\\0'`);
  const outputs = execFileSync('sh', ['-e', '-c', script.join('\n')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\0');
  const files = Object.keys(commands).map((name, i) => [name, outputs[i] ?? ''] as const);
  return Object.fromEntries([...files, ...sysctlFiles()]);
}

function sysctlFiles(): readonly (readonly [string, string])[] {
  const names = ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding'];
  for (const each of ['all', 'default', 'lo', 'tunA', 'tunB', 'tapC', 'tapD', 'br0']) {
    for (const name of ['rp_filter', 'forwarding', 'accept_local', 'route_localnet', 'src_valid_mark'])
      names.push(`net/ipv4/conf/${each}/${name}`);
    names.push(`net/ipv6/conf/${each}/forwarding`, `net/ipv6/conf/${each}/force_forwarding`);
  }
  for (const name of ['call-iptables', 'call-ip6tables']) names.push(`net/bridge/bridge-nf-${name}`);
  return names
    .filter((name) => existsSync(`/proc/sys/${name}`))
    .map((name) => [`sysctl/${name}`, readFileSync(`/proc/sys/${name}`, 'utf8')] as const);
}

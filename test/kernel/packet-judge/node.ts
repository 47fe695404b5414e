import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { ports, type RulesFile, type Scene } from './scene.ts';
import { close, enterNewNetworkNamespace, openReceiver, openSender, openServer, openTun } from './system.ts';

/** One node in a network namespace of its own; everything of it ends with its descriptors. */
export interface Node {
  readonly tuns: Readonly<Record<'tunA' | 'tunB', number>>;
  readonly receivers: readonly { readonly fd: number; readonly version: 'ip' | 'ip6'; readonly protocol: number }[];
  readonly senders: Readonly<Record<'ip' | 'ip6', number>>;
  close(): void;
}

const interfaceCommands = `
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
  net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
  net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0
ip link set lo up
for n in 1:A 2:B; do
  ip link set tun\${n#*:} up
  ip addr add 10.\${n%:*}.0.1/16 dev tun\${n#*:}
  ip addr add fd0\${n%:*}::1/64 dev tun\${n#*:} nodad
  sysctl -qw net.ipv4.conf.tun\${n#*:}.rp_filter=0
done
`;

export function openNode(scene: Scene): Node {
  enterNewNetworkNamespace();
  const tuns = { tunA: openTun('tunA'), tunB: openTun('tunB') };
  shell([interfaceCommands, ...scene.setup].join('\n'));
  loadRules(scene);
  const receivers = receiversOf();
  const senders = { ip: openSender('ip'), ip6: openSender('ip6') };
  const servers = ports.flatMap((port) => [openServer('stream', port), openServer('datagram', port)]);
  const all = [...Object.values(tuns), ...receivers.map(({ fd }) => fd), ...Object.values(senders), ...servers];
  return { tuns, receivers, senders, close: () => all.forEach(close) };
}

function receiversOf(): Node['receivers'] {
  const four = [1, 6, 17, 47].map((protocol) => ({ version: 'ip' as const, protocol }));
  const six = [58, 6, 17, 47].map((protocol) => ({ version: 'ip6' as const, protocol }));
  return [...four, ...six].map(({ version, protocol }) => ({ version, protocol, fd: openReceiver(version, protocol) }));
}

function shell(script: string): string {
  return execFileSync('sh', ['-e', '-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function loadRules({ rules, nftFirst }: Scene): void {
  const backends = nftFirst ? (['nft', 'legacy'] as const) : (['legacy', 'nft'] as const);
  for (const backend of backends) {
    for (const command of ['iptables', 'ip6tables'] as const) {
      const name = `${command}-${backend}` satisfies RulesFile;
      const input = rules[name];
      if (input !== undefined) execFileSync(`${name}-restore`, { input, stdio: ['pipe', 'ignore', 'pipe'] });
    }
  }
}

/** The dumps of this namespace, named as in a snapshot. */
export function dumpNode(): Readonly<Record<string, string>> {
  const parts = {
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
  const script = Object.values(parts).map((command) => `${command}; printf '\\0'`);
  const outputs = shell(script.join('\n')).split('\0');
  const files = Object.keys(parts).map((name, i) => [name, outputs[i] ?? ''] as const);
  return Object.fromEntries([...files, ...sysctlFiles()]);
}

function sysctlFiles(): readonly (readonly [string, string])[] {
  const names = ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding'];
  for (const each of ['all', 'default', 'lo', 'tunA', 'tunB']) {
    for (const name of ['rp_filter', 'forwarding', 'accept_local', 'route_localnet', 'src_valid_mark'])
      names.push(`net/ipv4/conf/${each}/${name}`);
    names.push(`net/ipv6/conf/${each}/forwarding`, `net/ipv6/conf/${each}/force_forwarding`);
  }
  return names
    .filter((name) => existsSync(`/proc/sys/${name}`))
    .map((name) => [`sysctl/${name}`, readFileSync(`/proc/sys/${name}`, 'utf8')] as const);
}

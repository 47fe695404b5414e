import { writeFileSync } from 'node:fs';
import { loadRules } from './load-rules.ts';
import { macs } from './macs.ts';
import { ports, type Scene } from './scene.ts';
import { waitUntilSettled } from './settled.ts';
import { runCommands } from './setup-commands.ts';
import { enterNewNetworkNamespace } from './system/calls.ts';
import { openReceiver, openSender, openServer, Readiness, type Version } from './system/sockets.ts';
import { close, openTun } from './system/tun.ts';
import { openTraceReader, type TraceReader } from './trace-reader.ts';

/** One node in a network namespace of its own; everything of it ends with its descriptors. */
export interface Node {
  readonly tuns: Readonly<Partial<Record<'tunA' | 'tunB' | 'tapC' | 'tapD', number>>>;
  readonly receivers: ReadonlyMap<number, { readonly version: Version; readonly protocol: number }>;
  readonly senders: Readonly<Record<Version, number>>;
  readonly readiness: Readiness;
  readonly trace: TraceReader;
  close(): void;
}

const sysctls: Readonly<Record<string, string>> = {
  'ipv6/conf/default/accept_dad': '0',
  'ipv6/conf/default/router_solicitations': '0',
  'ipv6/auto_flowlabels': '0',
  'ipv4/ip_forward': '1',
  'ipv6/conf/all/forwarding': '1',
  'ipv4/icmp_ratelimit': '0',
  'ipv6/icmp/ratelimit': '0',
  'ipv4/conf/all/rp_filter': '0',
  'ipv4/conf/default/rp_filter': '0',
  'ipv4/conf/all/send_redirects': '0',
  'ipv4/conf/default/send_redirects': '0',
  'ipv4/conf/tunA/rp_filter': '0',
  'ipv4/conf/tunB/rp_filter': '0',
  'ipv4/conf/tunA/send_redirects': '0',
  'ipv4/conf/tunB/send_redirects': '0',
  'netfilter/nf_log/2': 'nfnetlink_log',
  'netfilter/nf_log/10': 'nfnetlink_log',
};

const tunLinks = `link set lo up
link set tunA up
link set tunB up
addr add 10.1.0.1/16 dev tunA
addr add 10.2.0.1/16 dev tunB
addr add fd01::1/64 dev tunA nodad
addr add fd02::1/64 dev tunB nodad
`;

const neighbours = (subnet: number, device: string): string =>
  [
    [`10.${subnet}.0.5`, `fd0${subnet}::5`, macs.behindC],
    [`10.${subnet}.0.6`, `fd0${subnet}::6`, macs.behindD],
  ]
    .flatMap(([four, six, mac]) => [four, six].map((address) => `neigh add ${address} lladdr ${mac} dev ${device} nud permanent\n`))
    .join('');

const ethernetLinks = {
  routed: `link set tapC address ${macs.tapC}
link set tapC up
addr add 10.3.0.1/16 dev tapC
addr add fd03::1/64 dev tapC nodad
${neighbours(3, 'tapC')}`,
  bridge: `link add br0 type bridge stp_state 0 mcast_snooping 0
link set br0 address ${macs.br0}
link set tapC master br0
link set tapD master br0
link set tapC up
link set tapD up
link set br0 up
addr add 10.4.0.1/16 dev br0
addr add fd04::1/64 dev br0 nodad
${neighbours(4, 'br0')}`,
} as const;

const protocols = { ip: [1, 6, 17, 33, 47, 50, 99, 132, 136], ip6: [58, 6, 17, 33, 47, 99, 132, 136] } as const;

export function openNode(scene: Scene): Node {
  enterNewNetworkNamespace();
  const tuns = openTuns(scene);
  for (const [name, value] of Object.entries(sysctls)) writeFileSync(`/proc/sys/net/${name}`, value);
  runCommands([...linkCommands(scene), ...scene.setup]);
  loadRules(scene);
  waitUntilSettled();
  return nodeOf(tuns);
}

/** One `ip` takes them together with the first commands of the scene. */
function linkCommands({ ethernet }: Scene): readonly string[] {
  const lines = tunLinks + (ethernet === undefined ? '' : ethernetLinks[ethernet]);
  const forwarding = [
    ['tapC', macs.behindC],
    ['tapD', macs.behindD],
  ].map(([port, mac]) => `bridge fdb replace ${mac} dev ${port} master static`);
  const commands = lines
    .trim()
    .split('\n')
    .map((line) => `ip ${line}`);
  return ethernet === 'bridge' ? [...commands, ...forwarding] : commands;
}

function openTuns({ ethernet }: Scene): Node['tuns'] {
  return {
    tunA: openTun('tunA', 'tun'),
    tunB: openTun('tunB', 'tun'),
    ...(ethernet !== undefined && { tapC: openTun('tapC', 'tap') }),
    ...(ethernet === 'bridge' && { tapD: openTun('tapD', 'tap') }),
  };
}

function nodeOf(tuns: Node['tuns']): Node {
  const receivers = new Map(
    (['ip', 'ip6'] as const).flatMap((version) =>
      protocols[version].map((protocol) => [openReceiver(version, protocol), { version, protocol }] as const),
    ),
  );
  const senders = { ip: openSender('ip'), ip6: openSender('ip6') };
  const servers = ports.flatMap((port) => [openServer('stream', port), openServer('datagram', port)]);
  const trace = openTraceReader();
  const readable = [...Object.values(tuns), ...receivers.keys()];
  const all = [...readable, ...Object.values(senders), ...servers, trace.fd];
  return { tuns, receivers, senders, trace, readiness: new Readiness(readable), close: () => all.forEach(close) };
}

import { writeFileSync } from 'node:fs';
import { inNetworkNamespace } from '#host/linux/namespaces.ts';
import { listenTcp } from '#host/linux/sockets.ts';
import { hostPort, type LabPod, nodeAddress, podPort, routerAddress } from '../plan.ts';
import { runProgram } from '../run-program.ts';

/** Calico gives every veth's end on the node this address. */
const calicoMac = 'ee:ee:ee:ee:ee:ee';
const calicoLinkLocal = 'fe80::ecee:eeff:feee:eeee';

/** Where a pod's network namespace is held: in the lab's own /run. */
export function namespacePath(pod: { readonly name: string }): string {
  return `/run/netns/${pod.name}`;
}

/** The node's uplink to a router in a namespace of its own, forwarding, and the node's own server. */
export function buildNode(): void {
  quickIpv6();
  sysctl('net.ipv4.ip_forward', 1);
  sysctl('net.ipv6.conf.all.forwarding', 1);
  batch([
    'netns add router',
    'link set lo up',
    'link add eth0 type veth peer name eth0 netns router',
    'link set eth0 up',
    `addr add ${nodeAddress.ip}/24 dev eth0`,
    `addr add ${nodeAddress.ip6}/64 dev eth0 nodad`,
  ]);
  inNetworkNamespace('/run/netns/router', () => {
    quickIpv6();
    batch([
      'link set lo up',
      'link set eth0 up',
      `addr add ${routerAddress.ip}/24 dev eth0`,
      `addr add ${routerAddress.ip6}/64 dev eth0 nodad`,
    ]);
  });
  batch([`route add default via ${routerAddress.ip}`, `route add ::/0 via ${routerAddress.ip6}`]);
  listenTcp('ip', hostPort);
  listenTcp('ip6', hostPort);
}

/** Does for pods what Calico's CNI plugin does, and lets each listen on its port. */
export function addPods(pods: readonly LabPod[]): void {
  batch(
    pods.flatMap((pod) => [
      `netns add ${pod.name}`,
      `link add ${pod.interface} address ${calicoMac} type veth peer name eth0 netns ${pod.name}`,
      `link set ${pod.interface} up`,
    ]),
  );
  for (const pod of pods) configureHostEnd(pod.interface);
  for (const pod of pods) inNetworkNamespace(namespacePath(pod), () => configurePod(pod));
  batch(
    pods.flatMap(({ addresses, interface: name }) => [
      `route add ${addresses.ip}/32 dev ${name} scope link`,
      `route add ${addresses.ip6}/128 dev ${name}`,
    ]),
  );
}

function configureHostEnd(name: string): void {
  sysctl(`net.ipv4.conf.${name}.proxy_arp`, 1);
  sysctl(`net.ipv4.conf.${name}.rp_filter`, 1);
  sysctl(`net.ipv4.conf.${name}.forwarding`, 1);
  sysctl(`net.ipv4.neigh.${name}.proxy_delay`, 0);
  sysctl(`net.ipv6.conf.${name}.proxy_ndp`, 1);
}

function configurePod(pod: LabPod): void {
  quickIpv6();
  batch([
    'link set lo up',
    'link set eth0 up',
    `addr add ${pod.addresses.ip}/32 dev eth0`,
    `addr add ${pod.addresses.ip6}/128 dev eth0 nodad`,
    'route add 169.254.1.1 dev eth0 scope link',
    'route add default via 169.254.1.1 dev eth0',
    `route add ::/0 via ${calicoLinkLocal} dev eth0`,
  ]);
  listenTcp('ip', podPort);
  listenTcp('ip6', podPort);
}

/** No duplicate address detection: it would keep every address unusable for a second. */
function quickIpv6(): void {
  sysctl('net.ipv6.conf.all.accept_dad', 0);
  sysctl('net.ipv6.conf.default.accept_dad', 0);
}

/** Of the network namespace that this thread is in. Dots in interface names do not occur here. */
function sysctl(name: string, value: number): void {
  writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, String(value));
}

function batch(commands: readonly string[]): void {
  runProgram('ip', ['-batch', '-'], `${commands.join('\n')}\n`);
}

import { createHash } from 'node:crypto';
import type { Family } from '#facts/address.ts';
import { restoreText } from './restore-text.ts';
import type { LabService } from './topology.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A chain of a service or an endpoint: the prefix and 16 base-32 characters of a hash. */
function hashedChain(prefix: string, ...parts: readonly (string | number)[]): string {
  const digest = createHash('sha256').update(parts.join(' ')).digest();
  let name = '';
  for (let i = 0; i < 16; i++) name += alphabet[(digest[i] as number) % 32];
  return prefix + name;
}

const address = (family: Family, text: string): string => (family === 'ip' ? text : `[${text}]`);

/** The rules of kube-proxy 1.19's iptables mode and of the kubelet: services, endpoints by statistic, masquerade marks, canaries. */
export function kubeProxyRules(family: Family, services: readonly LabService[]): string {
  const nat = new Map<string, readonly string[]>();
  const portals: string[] = [];
  for (const service of services) {
    const { namespace, name, portName, port, targetPort } = service;
    const title = `-m comment --comment "${namespace}/${name}:${portName}`;
    const svc = hashedChain('KUBE-SVC-', namespace, name, portName);
    const ip = `${service.clusterIp[family]}/${family === 'ip' ? 32 : 128}`;
    portals.push(`-d ${ip} -p tcp ${title} cluster IP" -m tcp --dport ${port} -j ${svc}`);
    const seps = service.endpoints.map((endpoint) => ({ ip: endpoint[family], chain: hashedChain('KUBE-SEP-', svc, endpoint[family]) }));
    nat.set(
      svc,
      seps.map(({ chain }, index) => {
        const left = seps.length - index;
        const share = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}`;
        return `${title}"${share} -j ${chain}`;
      }),
    );
    for (const sep of seps) {
      nat.set(sep.chain, [
        `-s ${sep.ip}/${family === 'ip' ? 32 : 128} ${title}" -j KUBE-MARK-MASQ`,
        `-p tcp ${title}" -m tcp -j DNAT --to-destination ${address(family, sep.ip)}:${targetPort}`,
      ]);
    }
  }
  const lastPortal = '-m comment --comment "kubernetes service nodeports" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS';
  return restoreText([
    { table: 'mangle', chains: canaries(), commands: [] },
    {
      table: 'nat',
      chains: new Map([
        ['KUBE-SERVICES', [...portals, lastPortal]],
        ['KUBE-NODEPORTS', []],
        ['KUBE-MARK-MASQ', ['-j MARK --set-xmark 0x4000/0x4000']],
        ['KUBE-MARK-DROP', ['-j MARK --set-xmark 0x8000/0x8000']],
        [
          'KUBE-POSTROUTING',
          [
            '-m mark ! --mark 0x4000/0x4000 -j RETURN',
            '-j MARK --set-xmark 0x4000/0x0',
            '-m comment --comment "kubernetes service SNAT" -j MASQUERADE --random-fully',
          ],
        ],
        ...nat,
        ...canaries(),
      ]),
      commands: [
        '-I PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        '-I OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        '-I POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
      ],
    },
    {
      table: 'filter',
      chains: new Map([
        ['KUBE-SERVICES', []],
        ['KUBE-EXTERNAL-SERVICES', []],
        [
          'KUBE-FORWARD',
          [
            '-m conntrack --ctstate INVALID -j DROP',
            '-m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
            '-m comment --comment "kubernetes forwarding conntrack" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
          ],
        ],
        ['KUBE-FIREWALL', ['-m comment --comment "kubernetes firewall" -m mark --mark 0x8000/0x8000 -j DROP']],
        ...canaries(),
      ]),
      commands: [
        '-I INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        '-I INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
        '-I INPUT -j KUBE-FIREWALL',
        '-I OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        '-I OUTPUT -j KUBE-FIREWALL',
        '-I FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
      ],
    },
  ]);
}

/** Empty chains by which kubelet and kube-proxy notice a flush (since 1.17). */
function canaries(): Map<string, readonly string[]> {
  return new Map([
    ['KUBE-KUBELET-CANARY', []],
    ['KUBE-PROXY-CANARY', []],
  ]);
}

const route = (dst: string, dev: string, rest: object = {}) => ({ dst, dev, flags: [], ...rest });

/** Dumps of a node, 192.168.0.1 by eth0, with pods 10.0.0.1 by cali1, 10.0.0.2 by cali2 and so on: all but its rules. */
export function podNode(pods: number): Readonly<Record<string, string>> {
  const interfaces = Array.from({ length: pods }, (_, i) => `cali${i + 1}`);
  const names = ['lo', 'eth0', ...interfaces];
  return {
    'net/link': JSON.stringify(names.map((ifname) => ({ ifname, mtu: 1500, flags: ['UP', 'LOWER_UP'], linkinfo: { info_kind: 'veth' } }))),
    'net/addr': JSON.stringify([{ ifname: 'eth0', addr_info: [{ local: '192.168.0.1', prefixlen: 24, scope: 'global' }] }]),
    'net/route4': JSON.stringify([
      ...interfaces.map((name, i) => route(`10.0.0.${i + 1}`, name)),
      route('192.168.0.0/24', 'eth0'),
      route('default', 'eth0'),
      route('192.168.0.1', 'eth0', { type: 'local', table: 'local' }),
    ]),
    'net/rule4': JSON.stringify([
      { priority: 0, src: 'all', table: 'local' },
      { priority: 32766, src: 'all', table: 'main' },
    ]),
    'sysctl/net/ipv4/ip_forward': '1',
    ...Object.fromEntries(['all', ...names].map((name) => [`sysctl/net/ipv4/conf/${name}/rp_filter`, '0'])),
  };
}

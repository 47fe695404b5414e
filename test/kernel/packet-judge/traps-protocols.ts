import { type Trap, table } from './trap.ts';

const lite = { protocol: 136, tcpFlags: 0 } as const;
const dccp = { protocol: 33, tcpFlags: 0 } as const;
const host = { origin: 'host', from: '10.2.0.1' } as const;
const dropsInvalid = table('filter', [
  'INPUT -m conntrack --ctstate INVALID -j DROP',
  'FORWARD -m conntrack --ctstate INVALID -j DROP',
  'OUTPUT -m conntrack --ctstate INVALID -j DROP',
]);
const rewritesPort = `table ip t {
  chain p { type nat hook prerouting priority -100; meta l4proto { 33, 136 } dnat to 10.2.0.9:8080; }
  chain o { type nat hook output priority -100; meta l4proto { 33, 136 } dnat to 10.2.0.9:8080; }
}
`;

export const protocolTraps: readonly Trap[] = [
  {
    title: 'PW11 conntrack takes a right checksum of UDP-Lite for a bad one on the way in, of a request and of a reply',
    legacy: dropsInvalid,
    packets: [
      { ...lite, expect: ['undecided'] },
      { ...lite, to: '10.1.0.1', expect: ['undecided'] },
      { ...lite, ...host, expect: ['delivered', 'undecided'] },
    ],
  },
  {
    title: 'PW11 without nf_conntrack_checksum UDP-Lite begins a flow',
    setup: ['sysctl -qw net.netfilter.nf_conntrack_checksum=0'],
    legacy: dropsInvalid,
    packets: [{ ...lite, expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW11 from Linux 6.17 on conntrack does not look into DCCP',
    onlyHere: true,
    legacy: dropsInvalid,
    packets: [
      { ...dccp, badChecksum: true, expect: ['delivered'] },
      { ...dccp, expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW9 whether nat rewrites ports of DCCP and UDP-Lite depends on the kernel',
    native: rewritesPort,
    packets: [
      { ...dccp, expect: ['undecided'] },
      { ...dccp, ...host, expect: ['undecided'] },
      { ...lite, ...host, expect: ['undecided'] },
    ],
  },
  {
    title: 'PW9 whether conntrack knows the ports of DCCP depends on the kernel',
    legacy: table('filter', ['FORWARD -p 33 -m conntrack --ctproto 33 --ctorigdstport 80 -j DROP']),
    packets: [{ ...dccp, expect: ['undecided'] }],
  },
];

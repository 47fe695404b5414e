import { udp } from './packets.ts';
import type { Trap } from './trap.ts';

const six = { from: 'fd01::5', to: 'fd01::7' } as const;
const marks = (family: string, type: string): string => `table ${family} t {
  chain o { type filter hook output priority 0; ${type} ct mark set 0x77; }
  chain f { type filter hook forward priority 0; ct mark 0x77 drop; }
}
`;

/** What turns round, and the message that tells its sender of a shorter way. */
export const redirectTraps: readonly Trap[] = [
  {
    title: 'PW25 an ICMP redirect may mark the connection of the very packet that it is about',
    setup: ['sysctl -qw net.ipv4.conf.tunA.send_redirects=1 net.ipv4.conf.all.send_redirects=1'],
    native: marks('ip', 'icmp type redirect'),
    packets: [
      { to: '10.1.0.7', expect: ['undecided', 'undecided'] },
      { ...udp, to: '10.1.0.7', expect: ['undecided', 'undecided'] },
      { expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW25 without send_redirects nothing marks the connection',
    native: marks('ip', 'icmp type redirect'),
    packets: [{ to: '10.1.0.7', expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW25 an ICMPv6 redirect may mark a connection once it is confirmed',
    setup: ['ip -6 addr add fe80::1/64 dev tunA nodad'],
    native: marks('ip6', 'icmpv6 type nd-redirect'),
    packets: [
      { ...six, expect: ['delivered', 'undecided'] },
      { ...udp, ...six, expect: ['delivered', 'undecided'] },
    ],
  },
];

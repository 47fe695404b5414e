import { ping, udp } from './packets.ts';
import { type Trap, table } from './trap.ts';

const back = (match: string): string => table('filter', [`FORWARD -i tunB ${match} -j DROP`, `OUTPUT ${match} -j DROP`]);

export const replyTraps: readonly Trap[] = [
  {
    title: 'PW26 the time to live of a reply is for its sender to choose',
    legacy: back('-m ttl --ttl-lt 60'),
    packets: [{ expect: ['delivered', 'undecided'] }, { to: '10.1.0.1', expect: ['delivered', 'undecided'] }],
  },
  {
    title: 'PW26 the type of service of a reply is for its sender to choose, but an echo is answered with its own',
    legacy: back('-m tos ! --tos 0x00/0xff'),
    packets: [{ expect: ['delivered', 'undecided'] }, { ...ping, to: '10.1.0.1', expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW26 the same in nf_tables',
    native: `table inet t { chain f { type filter hook forward priority 0; iifname "tunB" ip ttl < 60 drop; }
  chain g { type filter hook forward priority 1; iifname "tunB" ip dscp cs1 drop; iifname "tunB" ip6 hoplimit 3 drop; iifname "tunB" ip6 dscp cs1 drop; }
}\n`,
    packets: [{ expect: ['delivered', 'undecided'] }, { ...udp, from: 'fd01::5', to: 'fd02::5', expect: ['delivered', 'undecided'] }],
  },
  {
    title: 'PW26 what a rule has set is known',
    legacy:
      table('mangle', ['PREROUTING -i tunB -j TTL --ttl-set 9', 'PREROUTING -i tunB -j TOS --set-tos 0x10/0xff']) +
      back('-m ttl --ttl-gt 60'),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW26 a policy rule for a type of service is undecided for a reply',
    setup: ['ip rule add tos 0x10 lookup 77', 'ip route add blackhole default table 77'],
    packets: [{ expect: ['delivered', 'undecided'] }],
  },
];

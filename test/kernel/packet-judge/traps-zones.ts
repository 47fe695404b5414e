import { udp } from './packets.ts';
import { type Trap, table } from './trap.ts';

const zone = (priority: number, statements = 'ct zone set 5'): string => `table inet t {
  chain p { type filter hook prerouting priority ${priority}; ${statements}; }
  chain f { type filter hook forward priority 0; ct state untracked accept; ct zone 5 drop; }
}
`;
const rst = { tcpFlags: 4 } as const;

export const zoneTraps: readonly Trap[] = [
  {
    title: 'PW21 ct zone set of nf_tables brings back to conntrack what raw excluded from it',
    legacy: table('raw', ['PREROUTING -j CT --notrack']),
    native: zone(-250),
    packets: [{ expect: ['dropped'] }, { ...udp, expect: ['dropped'] }],
  },
  {
    title: 'PW21 behind a zone notrack is too late',
    native: zone(-250, 'ct zone set 5; notrack'),
    packets: [{ expect: ['dropped'] }],
  },
  {
    title: 'PW21 behind conntrack a zone is too late for a connection, and what has none is undecided',
    native: zone(0),
    packets: [{ expect: ['delivered', 'delivered'] }, { ...rst, expect: ['undecided'] }],
  },
  {
    title: 'PW21 at the priority of conntrack a zone may be in time or too late',
    native: zone(-200),
    packets: [{ expect: ['undecided'] }],
  },
  {
    title: 'PW20 a notrack at the priority of conntrack may be in time or too late',
    legacy: table('nat', ['PREROUTING -d 10.96.0.10 -j DNAT --to-destination 10.1.0.1']) + table('filter', ['INPUT -j DROP']),
    native: 'table ip t { chain p { type filter hook prerouting priority -200; meta l4proto udp notrack; }\n}\n',
    packets: [
      { ...udp, to: '10.96.0.10', expect: ['undecided'] },
      { to: '10.96.0.10', expect: ['dropped'] },
      { ...udp, expect: ['delivered', 'delivered'] },
    ],
  },
];

import { type Trap, table } from './trap.ts';

const ftp = { toPort: 21 } as const;

export const helperTraps: readonly Trap[] = [
  {
    title: 'PW21 CT --helper attaches a template: the packet reads as NEW before conntrack, and begins a flow',
    onlyHere: true,
    legacy:
      table('raw', [
        'PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp',
        'PREROUTING -s 10.1.0.6 -m conntrack --ctstate NEW -j DROP',
        'PREROUTING -p tcp -m tcp --dport 21 -j CT --notrack',
      ]) + table('filter', ['FORWARD -m conntrack --ctstate INVALID,UNTRACKED -j DROP']),
    packets: [
      { ...ftp, expect: ['delivered', 'delivered'] },
      { ...ftp, from: '10.1.0.6', expect: ['dropped'] },
      { from: '10.1.0.6', expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW15 which helper a connection has is state that is not in a snapshot',
    onlyHere: true,
    legacy: table('filter', ['FORWARD -p tcp -m tcp --dport 443 -m helper --helper ftp -j DROP']),
    packets: [{ toPort: 443, expect: ['undecided'] }, { expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW17 ct helper of a first packet is none, also where a rule has set it',
    onlyHere: true,
    native: `table ip t {
  ct helper ftp { type "ftp" protocol tcp; }
  chain p { type filter hook prerouting priority 0; tcp dport 21 ct helper set "ftp"; }
  chain f { type filter hook forward priority 0; iifname "tunA" ct helper "ftp" drop; }
}
`,
    packets: [{ ...ftp, expect: ['delivered', 'delivered'] }, { expect: ['delivered', 'delivered'] }],
  },
];

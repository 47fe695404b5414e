import { type Trap, table } from './trap.ts';

const matches: Readonly<Record<string, string>> = {
  'statistic nth': '-m statistic --mode nth --every 3 --packet 0',
  limit: '-m limit --limit 5/sec',
  hashlimit: '-m hashlimit --hashlimit-upto 5/sec --hashlimit-mode srcip --hashlimit-name judge',
  recent: '-m recent --rcheck --name judge --rsource',
  connlimit: '-m connlimit --connlimit-above 3',
  quota: '-m quota --quota 100000',
  time: '-m time --timestart 00:00:00 --timestop 12:00:00',
};

const drops = (chain: string, match: string): string => table('filter', [`${chain} -p tcp -m tcp --dport 80 ${match} -j DROP`]);

/** What hangs on chance or on state that no dump shows has both outcomes, and the kernel's is one of them. */
export const stateTraps: readonly Trap[] = [
  ...Object.entries(matches).map(
    ([name, match]): Trap => ({
      title: `PW15 ${name} in legacy has both outcomes`,
      legacy: drops('FORWARD', match),
      packets: [{ expect: ['undecided'] }, { toPort: 443, expect: ['delivered', 'delivered'] }],
    }),
  ),
  {
    title: 'PW15 the same matches in iptables-nft have both outcomes, and so has native numgen',
    nft: table(
      'filter',
      Object.values(matches).map((match, i) => `FORWARD -p tcp -m tcp --dport ${1000 + i} ${match} -j DROP`),
    ),
    native: 'table ip t { chain f { type filter hook forward priority 5; tcp dport 80 numgen random mod 2 0 drop; }\n}\n',
    packets: [
      { expect: ['undecided'] },
      ...Object.keys(matches).map((_, i) => ({ toPort: 1000 + i, expect: ['undecided'] as const })),
      { toPort: 443, expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW15 who owns the socket of what the node sends is not known',
    legacy: drops('OUTPUT', '-m owner --uid-owner 77'),
    packets: [{ origin: 'host', from: '10.2.0.1', expect: ['undecided'] }],
  },
  {
    title: 'PW15 whether a socket waits for the packet is not known',
    legacy: table('mangle', ['PREROUTING -p tcp -m tcp --dport 80 -m socket --transparent -j DROP']),
    packets: [{ expect: ['undecided'] }],
  },
  {
    title: 'PW15 a rule that adds to a set ends where the set is full',
    native: `table ip t {
  set full { type ipv4_addr; size 1; flags dynamic; elements = { 10.9.9.9 }; }
  set room { type ipv4_addr; size 2; flags dynamic; elements = { 10.9.9.9 }; }
  chain f { type filter hook forward priority 0; tcp dport 80 add @full { ip saddr } drop; tcp dport 443 add @room { ip saddr } drop; }
}
`,
    packets: [{ expect: ['undecided'] }, { toPort: 443, expect: ['dropped'] }],
  },
];

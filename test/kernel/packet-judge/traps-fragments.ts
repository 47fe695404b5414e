import { udp } from './packets.ts';
import type { Trap } from './trap.ts';

const rewrites = 'udp dport 80 udp dport set 443';
const chain = (hook: string, priority: number, rule: string): string =>
  `chain c { type filter hook ${hook} priority ${priority}; ${rule}; }\n`;
const tracks = 'chain unused { ct state new drop; }\n';
const toNode = [
  { to: '10.1.0.1', ...udp, fragment: 'later' },
  { from: 'fd01::5', to: 'fd01::1', ...udp, fragment: 'later' },
] as const;

export const fragmentTraps: readonly Trap[] = [
  {
    title: 'PW22 the ports of a later fragment are those of the first one, which a rule may have rewritten before',
    native: `table inet t { ${chain('prerouting', -250, rewrites)}}\n`,
    packets: toNode.map((packet) => ({ ...packet, expect: ['undecided'] })),
  },
  {
    title: 'PW22 the ports of a later fragment, where a rule before conntrack may have rewritten them',
    native: `table inet t { ${tracks}${chain('prerouting', -420, rewrites)}}\n`,
    packets: toNode.map((packet) => ({ ...packet, expect: ['undecided'] })),
  },
  {
    title: 'PW22 IPv6 puts fragments together behind INPUT, whose rules may drop the others',
    native: `table inet t { ${chain('input', 0, 'tcp dport 80 accept; drop')}}\n`,
    packets: [
      { from: 'fd01::5', to: 'fd01::1', fragment: 'first', expect: ['undecided'] },
      { from: 'fd01::5', to: 'fd01::1', fragment: 'later', expect: ['undecided'] },
    ],
  },
  {
    title: 'PW20 a chain at the priority of defragmentation may see a fragment or the whole packet',
    native: `table inet t { ${tracks}${chain('prerouting', -400, 'meta length > 60 meta mark set 1')}
  chain f { type filter hook forward priority 0; meta mark 1 reject; }\n}\n`,
    packets: [{ ...udp, fragment: 'first', expect: ['undecided'] }],
  },
];

import { udp } from './packets.ts';
import { type Trap, table } from './trap.ts';

/** A rule beside those of iptables-nft, and what iptables-nft-save 1.8.9 makes of it. */
export interface Printed {
  readonly title: string;
  /** For `nft -f`; `table ip filter` with its chains is there. */
  readonly native: string;
  readonly status: number;
  readonly prints: RegExp;
  readonly hides: RegExp;
  readonly packets: Trap['packets'];
}

const rule = (text: string): string => `add rule ip filter FORWARD ${text}\n`;
const passes = ['delivered', 'delivered'] as const;

export const printed: readonly Printed[] = [
  {
    title: 'fact 5 a native look-up is printed as a bare DROP, and is a look-up',
    native: rule('ip saddr { 10.1.0.6, 10.1.0.7 } drop'),
    status: 0,
    prints: /^(\[.*\] )?-A FORWARD -j DROP$/m,
    hides: /10\.1\.0\.6/,
    packets: [{ expect: passes }, { from: '10.1.0.6', expect: ['dropped'] }],
  },
  {
    title: 'fact 5 version skew: a mark match in a form that this iptables does not know is printed as a DROP of everything, and compares',
    native: rule('meta mark { 0x4000, 0x8000 } drop'),
    status: 0,
    prints: /^(\[.*\] )?-A FORWARD -j DROP$/m,
    hides: /mark/,
    packets: [{ expect: passes }],
  },
  {
    title: 'experiment (f) a range is printed as its last address, and is a range',
    native: rule('ip saddr 10.1.0.6-10.1.0.9 drop'),
    status: 0,
    prints: /-s 10\.1\.0\.9/,
    hides: /10\.1\.0\.6/,
    packets: [{ expect: passes }, { from: '10.1.0.6', expect: ['dropped'] }, { from: '10.1.0.9', expect: ['dropped'] }],
  },
  {
    title: 'experiment (f) a look-up of ports in a named set is not printed, and is looked up',
    native: `add set ip filter ports { type inet_service; elements = { 80, 443 }; }\n${rule('tcp dport @ports drop')}`,
    status: 0,
    prints: /-A FORWARD -p tcp.* -j DROP$/m,
    hides: /443/,
    packets: [{ expect: ['dropped'] }, { toPort: 53, expect: passes }],
  },
  {
    title: 'experiment (f) the length of UDP is not printed, and is compared',
    native: rule('udp length 4660 drop'),
    status: 0,
    prints: /-A FORWARD -p udp.* -j DROP$/m,
    hides: /4660/,
    packets: [{ ...udp, expect: ['undecided'] }, { expect: passes }],
  },
  {
    title: 'experiment (f) a verdict map is printed without a target, and has verdicts',
    native: rule('tcp dport vmap { 80 : drop, 443 : accept }'),
    status: 0,
    prints: /-A FORWARD -p tcp/,
    hides: /DROP/,
    packets: [{ expect: ['dropped'] }, { toPort: 443, expect: passes }, { toPort: 53, expect: passes }],
  },
  {
    title: 'experiment (f) a rewritten source address is printed as a bare rule, and is rewritten',
    native: rule('iifname "tunA" ip saddr set 10.1.0.9'),
    status: 0,
    prints: /-A FORWARD -i tunA$/m,
    hides: /10\.1\.0\.9/,
    packets: [{ ...udp, expect: ['delivered'] }],
  },
  ...[
    ['conntrack', 'ct state invalid drop'],
    ['fib', 'fib daddr type local drop'],
    ['reject', 'tcp dport 53 reject'],
    ['numgen', 'tcp dport 53 numgen random mod 2 0 drop'],
  ].map(
    ([name, text]): Printed => ({
      title: `experiment (f) a rule of ${name} makes the whole table vanish from iptables-nft-save, and its other rules still drop`,
      native: rule(text as string) + rule('tcp dport 80 drop'),
      status: 0,
      prints: /^# Table `filter' is incompatible/m,
      hides: /DROP/,
      packets: [{ expect: ['dropped'] }, { toPort: 443, expect: passes }],
    }),
  ),
  ...[
    ['meta skuid', 'meta skuid 77 drop'],
    ['meta length', 'meta length 9999 drop'],
    ['dscp', 'ip dscp cs1 drop'],
    ['a mark that is set', 'meta mark set ct mark'],
  ].map(
    ([name, text]): Printed => ({
      title: `experiment (f) ${name} makes iptables-nft-save end with status 3, and the rules still drop`,
      native: rule('tcp dport 80 drop') + rule(text as string),
      status: 3,
      prints: /./s,
      hides: /COMMIT/,
      packets: [{ expect: ['dropped'] }],
    }),
  ),
  {
    title: 'experiment (f) other tables are missing from iptables-nft-save in silence, and drop',
    native:
      'table inet firewalld { chain f { type filter hook forward priority 10; tcp dport 80 drop; }\n}\ntable ip kube-proxy { chain f { type filter hook forward priority 5; tcp dport 53 drop; }\n}\n',
    status: 0,
    prints: /COMMIT/,
    hides: /firewalld|kube-proxy/,
    packets: [{ expect: ['dropped'] }, { toPort: 53, expect: ['dropped'] }, { toPort: 443, expect: passes }],
  },
  {
    title:
      'experiment (f) a base chain of its own name in ip nat: the table is called incompatible on standard output, and the chain drops',
    native: 'table ip nat { chain own { type filter hook prerouting priority -150; tcp dport 80 drop; }\n}\n',
    status: 0,
    prints: /^# Table `nat' contains incompatible base-chains/m,
    hides: /:own/,
    packets: [{ expect: ['dropped'] }, { toPort: 443, expect: passes }],
  },
];

export const iptablesRules: string =
  table('filter', ['FORWARD -s 10.9.9.9 -j ACCEPT']) + table('nat', ['POSTROUTING -s 10.9.9.9 -j ACCEPT']);

/** What the kernel runs counts, not what iptables-nft-save prints of it. */
export const printedTraps: readonly Trap[] = printed.map(({ title, native, packets }) => ({ title, nft: iptablesRules, native, packets }));

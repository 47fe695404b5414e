import { ping, udp } from './packets.ts';
import { type Trap, table } from './trap.ts';

const service = '10.96.0.10';
const pod = '10.2.0.5';
const filter = (hook: string, priority: number, rule: string): string =>
  `chain f${hook}${Math.abs(priority)} { type filter hook ${hook} priority ${priority}; ${rule}; }\n`;
const nat = (hook: string, priority: number, rule: string): string =>
  `chain n${hook}${Math.abs(priority)} { type nat hook ${hook} priority ${priority}; ${rule}; }\n`;
const native = (...chains: readonly string[]): string => `table ip t {\n${chains.join('')}}\n`;

/** Where nat runs, and who sees which address. */
export const natTraps: readonly Trap[] = [
  {
    title: 'PW8 fact 2 a nat chain of OUTPUT at -160 runs at -100: a chain at -101 sees the old destination and one at -99 the new',
    native: native(
      nat('output', -160, `ip daddr ${service} dnat to ${pod}`),
      filter('output', -101, `ip daddr ${pod} udp dport 53 drop; ip daddr ${service} udp dport 443 drop`),
      filter('output', -99, `ip daddr ${service} drop; ip daddr ${pod} udp dport 80 drop`),
    ),
    packets: [
      { origin: 'host', from: '10.2.0.1', to: service, ...udp, toPort: 53, expect: ['delivered', 'delivered'] },
      { origin: 'host', from: '10.2.0.1', to: service, ...udp, toPort: 443, expect: ['dropped'] },
      { origin: 'host', from: '10.2.0.1', to: service, ...udp, toPort: 80, expect: ['dropped'] },
    ],
  },
  {
    title: 'PW8 fact 2 a nat chain of OUTPUT at 110 still rewrites before filter, as Calico registers it',
    native: native(nat('output', 110, `ip daddr ${service} dnat to ${pod}`), filter('output', 0, `ip daddr ${service} drop`)),
    packets: [{ origin: 'host', from: '10.2.0.1', to: service, expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW8 fact 2 a nat chain of INPUT at -100 rewrites the source behind filter INPUT',
    native: native(
      nat('input', -100, 'ip saddr 10.1.0.5 snat to 10.1.0.9'),
      filter('input', 99, 'ip saddr 10.1.0.9 drop'),
      filter('input', 101, 'ip saddr 10.1.0.5 tcp dport 443 drop; ip saddr 10.1.0.9 tcp dport 53 drop'),
    ),
    packets: [
      { to: '10.1.0.1', toPort: 443, expect: ['delivered', 'delivered'] },
      { to: '10.1.0.1', toPort: 53, expect: ['dropped'] },
    ],
  },
  {
    title: 'PW9 DNAT: a chain of PREROUTING at -110 sees the old destination, one at -99 the new',
    legacy: table('nat', [`PREROUTING -d ${service} -j DNAT --to-destination ${pod}`]),
    native: native(
      filter('prerouting', -110, `ip daddr ${pod} udp dport 53 drop; ip daddr ${service} udp dport 443 drop`),
      filter('prerouting', -99, `ip daddr ${service} drop; ip daddr ${pod} udp dport 80 drop`),
    ),
    packets: [
      { to: service, ...udp, toPort: 53, expect: ['delivered', 'delivered'] },
      { to: service, ...udp, toPort: 443, expect: ['dropped'] },
      { to: service, ...udp, toPort: 80, expect: ['dropped'] },
    ],
  },
  {
    title: 'PW9 replies get the address of the service back behind mangle POSTROUTING: a chain at 101 sees it',
    legacy:
      table('nat', [`PREROUTING -d ${service} -j DNAT --to-destination ${pod}`]) +
      table('mangle', [`POSTROUTING -o tunA -s ${service} -j DROP`]),
    native: native(
      filter('postrouting', 101, `oifname "tunA" ip saddr ${pod} drop; oifname "tunA" ip saddr ${service} tcp sport 443 drop`),
    ),
    packets: [
      { to: service, expect: ['delivered', 'delivered'] },
      { to: service, toPort: 443, expect: ['delivered', 'dropped'] },
    ],
  },
  {
    title: 'PW9 masquerade: a chain of POSTROUTING at -150 sees the old source, one at 101 the new',
    legacy: table('nat', ['POSTROUTING -o tunB -j MASQUERADE']),
    native: native(
      filter('postrouting', -150, 'ip saddr 10.2.0.1 oifname "tunB" drop; ip saddr 10.1.0.5 tcp dport 443 drop'),
      filter('postrouting', 101, 'ip saddr 10.1.0.5 oifname "tunB" drop; ip saddr 10.2.0.1 tcp dport 53 drop'),
    ),
    packets: [{ expect: ['delivered', 'delivered'] }, { toPort: 443, expect: ['dropped'] }, { toPort: 53, expect: ['dropped'] }],
  },
  {
    title: 'PW9 ctorigdst and ctstate DNAT tell replies of a service from those of its pod',
    legacy: table('nat', [`PREROUTING -d ${service} -j DNAT --to-destination ${pod}`]),
    nft: table('filter', [
      `FORWARD -i tunB -m conntrack --ctstate DNAT --ctorigdst ${service} -j DROP`,
      'FORWARD -i tunA -p tcp -m tcp --dport 443 -m conntrack --ctstate DNAT -j DROP',
    ]),
    packets: [
      { to: service, expect: ['delivered', 'dropped'] },
      { to: service, toPort: 443, expect: ['dropped'] },
      { expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW8 a policy DROP of nat drops first packets that no rule binds, in legacy',
    legacy: table('nat', ['PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.2.0.7'], { PREROUTING: 'DROP' }),
    packets: [{ expect: ['delivered', 'delivered'] }, { toPort: 443, expect: ['dropped'] }],
  },
  {
    title: 'PW8 a policy drop of nat drops first packets that no rule binds, in nft',
    native: native('chain n { type nat hook prerouting priority -100; policy drop; tcp dport 80 dnat to 10.2.0.7; }\n'),
    packets: [{ expect: ['delivered', 'delivered'] }, { toPort: 443, expect: ['dropped'] }],
  },
  {
    title:
      'PW20 experiment (b) a mark that one backend sets and the other reads at the same priority: both orders are outcomes, legacy first',
    nftFirst: true,
    legacy: table('mangle', ['FORWARD -j MARK --set-mark 1']),
    nft: table('mangle', ['FORWARD -m mark --mark 1 -j DROP']),
    packets: [{ expect: ['undecided'] }],
  },
  {
    title: 'PW20 experiment (b) a mark that one backend sets and the other reads at the same priority: both orders are outcomes, nft first',
    legacy: table('mangle', ['FORWARD -j MARK --set-mark 1']),
    nft: table('mangle', ['FORWARD -m mark --mark 1 -j DROP']),
    packets: [{ expect: ['undecided'] }],
  },
  {
    title: 'PW20 experiment (b) drops of both backends at the same priority: the verdict does not depend on the order',
    legacy: table('filter', ['FORWARD -p tcp -j DROP']),
    nft: table('filter', ['FORWARD -p tcp -j DROP']),
    packets: [{ expect: ['dropped'] }, { ...udp, expect: ['delivered', 'delivered'] }],
  },
  {
    title:
      'PW20 a chain at the priority of the nat point sees a reply before or after it is rewritten, also where no nat rule is at that hook',
    nft: table('nat', ['OUTPUT -o tunA -j DNAT --to-destination 10.2.0.5']),
    native: native(filter('input', 100, 'ip saddr 10.1.0.5 drop')),
    packets: [
      { origin: 'host', from: '10.2.0.1', to: '10.1.0.5', expect: ['delivered', 'undecided'] },
      { origin: 'host', from: '10.2.0.1', expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW10 a reply that finds its connection only on lo is routed anew: from 127.0.0.1 it is a martian',
    legacy: table('nat', ['POSTROUTING -j MASQUERADE']),
    nft: table('raw', ['OUTPUT -p tcp -m tcp --sport 8080 -j CT --zone 7']) + table('nat', ['OUTPUT -p tcp -j REDIRECT --to-ports 8080']),
    packets: [{ origin: 'host', from: '10.2.0.1', expect: ['delivered', 'dropped'] }],
  },
  {
    title: 'PW9 of a ping the identifier is drawn where a port would be: the connection counts as rewritten, to the same address too',
    nft: table('nat', [
      'PREROUTING -s 10.1.0.7/32 -j DNAT --to-destination 10.2.0.5 --random',
      'POSTROUTING -s 10.1.0.5/32 -j SNAT --to-source 10.1.0.5 --random',
      'POSTROUTING -s 10.1.0.6/32 -j SNAT --to-source 10.1.0.6',
    ]),
    legacy: table('filter', ['FORWARD -m conntrack --ctstate DNAT -j DROP', 'FORWARD -m conntrack --ctstate SNAT -j DROP']),
    packets: [
      { ...ping, from: '10.1.0.7', expect: ['dropped'] },
      { ...ping, from: '10.1.0.5', expect: ['delivered', 'dropped'] },
      { ...ping, from: '10.1.0.6', expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW17 a rule that writes over a port which the kernel drew is undecided',
    native: native(
      'chain m { type nat hook postrouting priority 100; meta l4proto tcp masquerade to :40000-40100; }\n',
      'chain p { type filter hook prerouting priority -300; iifname "tunB" tcp dport set 8080; }\n',
    ),
    packets: [{ expect: ['delivered', 'undecided'] }],
  },
];

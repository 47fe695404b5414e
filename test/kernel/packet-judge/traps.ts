import { gre, ping, udp } from './packets.ts';
import { type Trap, table } from './trap.ts';
import { fragmentTraps } from './traps-fragments.ts';
import { headerTraps } from './traps-headers.ts';
import { helperTraps } from './traps-helpers.ts';
import { natTraps } from './traps-nat.ts';
import { printedTraps } from './traps-printed.ts';
import { protocolTraps } from './traps-protocols.ts';
import { redirectTraps } from './traps-redirects.ts';
import { replyTraps } from './traps-replies.ts';
import { stateTraps } from './traps-state.ts';
import { zoneTraps } from './traps-zones.ts';

/** Verdicts as the walk and, for those that a packet can show, the kernel must give them. */
const mixed: readonly Trap[] = [
  {
    title: 'PW3 an accept ends only its own base chain, a drop in the other backend is final',
    legacy: table('filter', ['FORWARD -j ACCEPT']),
    nft: table('filter', ['FORWARD -p tcp -m tcp --dport 80 -j DROP']),
    packets: [{ expect: ['dropped'] }, { toPort: 443, expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW3 experiment (a) stale dispatch rules in nft drop the reply of a new pod although legacy accepts it: the incident',
    legacy: table('filter', ['INPUT -j ACCEPT', 'OUTPUT -j ACCEPT']),
    nft: table('filter', [
      'INPUT -j cali-INPUT',
      'OUTPUT -j cali-OUTPUT',
      'cali-INPUT -i tun+ -g cali-wl-to-host',
      'cali-OUTPUT -o tun+ -j RETURN',
      'cali-from-wl-dispatch -i tunB -g cali-fw-tunB',
      'cali-from-wl-dispatch -m comment --comment "Unknown interface" -j DROP',
      'cali-fw-tunB -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      'cali-wl-to-host -j cali-from-wl-dispatch',
    ]),
    packets: [
      { origin: 'host', from: '10.1.0.1', to: '10.1.0.5', ...ping, expect: ['delivered', 'dropped'] },
      { origin: 'host', from: '10.2.0.1', to: '10.2.0.5', ...ping, expect: ['delivered', 'delivered'] },
      { to: '10.1.0.1', ...ping, expect: ['dropped'] },
      { origin: 'host', from: '10.1.0.1', to: '10.1.0.5', expect: ['delivered', 'dropped'] },
    ],
  },
  {
    title: 'PW4 RETURN in a base chain takes its policy, and in a chain reached by goto returns to the caller of the caller',
    legacy: table(
      'filter',
      ['FORWARD -p tcp -m tcp --dport 80 -j RETURN', 'FORWARD -p tcp -m tcp --dport 443 -g G', 'FORWARD -j ACCEPT', 'G -j RETURN'],
      {
        FORWARD: 'DROP',
      },
    ),
    nft: table('filter', [
      'FORWARD -p udp -j A',
      'FORWARD -p udp -m udp --dport 80 -j DROP',
      'A -g B',
      'A -p udp -j ACCEPT',
      'B -j RETURN',
    ]),
    packets: [
      { expect: ['dropped'] },
      { toPort: 443, expect: ['dropped'] },
      { toPort: 53, expect: ['delivered', 'delivered'] },
      { ...udp, expect: ['dropped'] },
      { ...udp, toPort: 53, expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW7 nat runs only where conntrack is on: MARK rules in nat alone never run',
    legacy: table('nat', ['PREROUTING -j MARK --set-mark 1']) + table('filter', ['FORWARD -m mark --mark 1 -j DROP']),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW7 a conntrack rule in a chain that no hook reaches turns nat on',
    legacy:
      table('nat', ['PREROUTING -j MARK --set-mark 1']) +
      table('filter', ['FORWARD -m mark --mark 1 -j DROP', 'UNUSED -m conntrack --ctstate NEW -j DROP']),
    packets: [{ expect: ['dropped'] }],
  },
  {
    title: 'PW7 NETMAP turns nat on, and keeps the part of the address that its prefix leaves',
    legacy:
      table('nat', ['PREROUTING -d 10.2.0.0/24 -j NETMAP --to 10.2.1.0/24', 'PREROUTING -j MARK --set-mark 1']) +
      table('filter', ['FORWARD -m mark --mark 1 -j DROP']),
    packets: [{ expect: ['delivered'] }, { to: '10.2.9.5', expect: ['dropped'] }],
  },
  {
    title: 'PW7 a rule that is not modelled may turn nat on: undecided where that matters',
    legacy: table('nat', ['PREROUTING -p tcp -m tcp --dport 80:90 -j DNAT --to-destination 10.2.0.9:8080-8090/80']),
    packets: [{ expect: ['undecided'] }, { toPort: 443, expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW7 NOTRACK alone leaves conntrack off',
    legacy:
      table('raw', ['PREROUTING -p udp -j CT --notrack']) +
      table('nat', ['PREROUTING -j MARK --set-mark 1']) +
      table('filter', ['FORWARD -m mark --mark 1 -j DROP']),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW7 nat sees only the first packet of a flow',
    legacy:
      table('nat', ['PREROUTING -j MARK --set-mark 1', 'POSTROUTING -j MASQUERADE']) +
      table('mangle', ['FORWARD -i tunB -m mark --mark 1 -j DROP']),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW8 the first nat chain that binds wins, whichever backend it is in: both orders are outcomes',
    legacy: table('nat', ['PREROUTING -p tcp -j DNAT --to-destination 10.2.0.7']),
    nft: table('nat', ['PREROUTING -p tcp -j DNAT --to-destination 10.2.0.8']),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW8 the first nat chain that binds wins, with the backends registered the other way round',
    nftFirst: true,
    legacy: table('nat', ['PREROUTING -p tcp -j DNAT --to-destination 10.2.0.7']),
    nft: table('nat', ['PREROUTING -p tcp -j DNAT --to-destination 10.2.0.8']),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW8 the nat chains after the one that binds do not run',
    legacy: table('nat', ['PREROUTING -d 10.2.0.8 -j DNAT --to-destination 10.2.0.9']) + table('filter', ['FORWARD -d 10.2.0.9 -j DROP']),
    nft: table('nat', ['PREROUTING -p tcp -j DNAT --to-destination 10.2.0.8']),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW8 an explicit ACCEPT in one nat chain does not stop the next',
    legacy: table('nat', ['PREROUTING -p tcp -j DNAT --to-destination 10.2.0.7:8080']) + table('filter', ['FORWARD -d 10.2.0.5 -j DROP']),
    nft: table('nat', ['PREROUTING -j ACCEPT']),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW9 filter sees the destination after DNAT, and ctorigdst and ctstate DNAT match in both directions',
    legacy: table('nat', ['PREROUTING -d 10.96.0.10 -p tcp -j DNAT --to-destination 10.2.0.5:8080']),
    nft: table('filter', [
      'FORWARD -d 10.96.0.10 -j DROP',
      'FORWARD -m conntrack --ctstate DNAT --ctorigdst 10.96.0.10 -j ACCEPT',
      'FORWARD -j DROP',
    ]),
    packets: [{ to: '10.96.0.10', expect: ['delivered', 'delivered'] }, { expect: ['dropped'] }],
  },
  {
    title: 'PW9 a masqueraded packet keeps its old source up to POSTROUTING mangle',
    legacy:
      table('nat', ['POSTROUTING -o tunB -j MASQUERADE']) +
      table('mangle', [
        'POSTROUTING ! -s 10.1.0.5 -o tunB -j DROP',
        'PREROUTING -i tunB ! -d 10.2.0.1 -j DROP',
        'FORWARD -i tunB ! -d 10.1.0.5 -j DROP',
      ]),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW9 OUTPUT sees the interface of the routing before DNAT',
    legacy: table('nat', ['OUTPUT -d 10.1.0.77 -p tcp -j DNAT --to-destination 10.2.0.5']),
    nft: table('filter', ['OUTPUT -o tunB -j DROP']),
    packets: [{ origin: 'host', from: '10.1.0.1', to: '10.1.0.77', expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW10 loopback flows never see nat PREROUTING and INPUT',
    legacy:
      table('nat', ['PREROUTING -i lo -p tcp -j REDIRECT --to-ports 8080', 'INPUT -j SNAT --to-source 10.1.0.9']) +
      table('filter', ['INPUT -p tcp -m tcp --dport 8080 -j DROP']),
    packets: [{ origin: 'host', from: '10.1.0.1', to: '10.2.0.1', expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW11 a SYN-ACK, a null packet and a bad checksum are INVALID, a bare ACK is NEW, and what is INVALID is not rewritten',
    legacy:
      table('nat', ['PREROUTING -d 10.96.0.10 -j DNAT --to-destination 10.2.0.5']) +
      table('filter', [
        'FORWARD -m conntrack --ctstate INVALID -d 10.2.0.5 -j DROP',
        'FORWARD -p tcp -m tcp --dport 443 -m conntrack ! --ctstate NEW -i tunA -j DROP',
      ]),
    setup: ['ip route add 10.96.0.0/16 dev tunB'],
    packets: [
      { tcpFlags: 0x12, expect: ['dropped'] },
      { tcpFlags: 0, expect: ['dropped'] },
      { badChecksum: true, expect: ['dropped'] },
      { ...ping, icmp: { type: 0, code: 0 }, expect: ['dropped'] },
      { tcpFlags: 0x10, toPort: 443, expect: ['delivered'] },
      { tcpFlags: 0x12, to: '10.96.0.10', expect: ['delivered'] },
      { badChecksum: true, to: '10.96.0.10', expect: ['delivered'] },
    ],
  },
  {
    title: 'PW12 what is not tracked skips nat and has no connection mark, negated or not',
    legacy:
      table('raw', ['PREROUTING -j CT --notrack']) +
      table('nat', ['PREROUTING -j DNAT --to-destination 10.2.0.9']) +
      table('filter', ['FORWARD -m connmark ! --mark 0x5 -j DROP', 'FORWARD -m conntrack ! --ctstate UNTRACKED -j DROP']),
    packets: [
      { ...udp, expect: ['delivered', 'delivered'] },
      { ...ping, expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW13 MARK toggles with an empty mask, set-mark ORs into its mask, and a value outside the mask never matches',
    legacy: table('mangle', [
      'PREROUTING -j MARK --set-xmark 0x4000/0xffffffff',
      'PREROUTING -p tcp -j MARK --set-xmark 0x4000/0x0',
      'PREROUTING -p udp -j MARK --set-mark 0x3/0x1',
    ]),
    nft: table('filter', [
      'FORWARD -m mark --mark 0x3/0x1 -j DROP',
      'FORWARD -p tcp -i tunA -m mark ! --mark 0 -j DROP',
      'FORWARD -p udp -i tunA -m mark ! --mark 0x4003 -j DROP',
    ]),
    packets: [{ expect: ['delivered', 'delivered'] }, { ...udp, expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW13 CONNMARK carries a mark to the reply',
    legacy: table('mangle', [
      'PREROUTING -i tunA -j MARK --set-mark 0x30',
      'PREROUTING -i tunA -j CONNMARK --save-mark --nfmask 0xf0 --ctmask 0xf0',
      'PREROUTING -i tunB -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff',
    ]),
    nft: table('filter', ['FORWARD -i tunB -m mark --mark 0x30 -j DROP']),
    packets: [{ expect: ['delivered', 'dropped'] }],
  },
  {
    title:
      'PW14 ipsets: too few directions never match; a protocol without ports never matches, so that ! does; nomatch wins by length; ICMP ports are type and code',
    setup: [
      'ipset create p hash:ip,port',
      'ipset add p 10.2.0.5,tcp:80',
      'ipset add p 10.2.0.5,icmp:8/0',
      'ipset create n hash:net',
      'ipset add n 10.1.0.0/16',
      'ipset add n 10.1.0.0/24 nomatch',
      'ipset create i hash:net,iface',
      'ipset add i 10.2.9.0/24,tunA',
    ],
    legacy: table('filter', [
      'FORWARD -m set --match-set p dst -j DROP',
      'FORWARD ! -p 47 -m set --match-set p dst,dst -j DROP',
      'FORWARD -p 47 -m set ! --match-set p dst,dst -j DROP',
      'FORWARD -p udp -m udp --dport 53 -m set --match-set n src -j DROP',
      'FORWARD -m set --match-set i dst,src -j DROP',
    ]),
    packets: [
      { expect: ['dropped'] },
      { toPort: 443, expect: ['delivered', 'delivered'] },
      { ...ping, expect: ['dropped'] },
      { ...gre, expect: ['dropped'] },
      { ...udp, toPort: 53, expect: ['delivered', 'delivered'] },
      { ...udp, from: '10.1.7.9', toPort: 53, expect: ['dropped'] },
      { to: '10.2.9.4', expect: ['dropped'] },
    ],
  },
  {
    title: 'PW15 statistic gives every outcome with its probability',
    legacy: table('filter', ['FORWARD -m statistic --mode random --probability 0.25 -j DROP']),
    packets: [{ expect: ['undecided'] }],
  },
  {
    title: 'PW15 a limit that leads to the same verdict either way is decided',
    legacy: table('filter', ['FORWARD -m limit --limit 5/sec -j ACCEPT', 'FORWARD -j ACCEPT']),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title:
      'PW6 rp_filter 1 drops what comes in where its source is not routed to; a local source is a martian; route_localnet guards 127/8',
    setup: ['sysctl -qw net.ipv4.conf.tunA.rp_filter=1'],
    packets: [
      { from: '10.2.9.1', to: '10.1.0.5', expect: ['dropped'] },
      { from: '10.2.0.1', expect: ['dropped'] },
      { to: '127.0.0.1', expect: ['dropped'] },
      { expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW5 routes: unreachable rejects, blackhole drops, the longest prefix wins, a mark chooses a table',
    setup: [
      'ip route add unreachable 10.3.0.0/16',
      'ip route add blackhole 10.4.0.0/16',
      'ip route add 10.4.1.0/24 dev tunB',
      'ip rule add fwmark 7 lookup 100',
      'ip route add 10.2.0.0/16 dev tunA table 100',
    ],
    legacy: table('mangle', ['PREROUTING -p udp -j MARK --set-mark 7']),
    packets: [
      { to: '10.3.0.1', expect: ['rejected'] },
      { to: '10.4.0.1', expect: ['dropped'] },
      { to: '10.4.1.1', expect: ['delivered', 'delivered'] },
      { to: '10.9.0.1', expect: ['rejected'] },
      { ...udp, expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title:
      'PW5 a chain of type route that changes the hop limit routes IPv6 again, one that changes the time to live does not route IPv4 again',
    setup: [
      'ip rule add fwmark 1 lookup 100',
      'ip route add blackhole default table 100',
      'ip -6 rule add fwmark 1 lookup 100',
      'ip -6 route add blackhole default table 100',
    ],
    native: [
      'table inet t {',
      '  chain m { type filter hook output priority -300; meta mark set 1; }',
      '  chain r { type route hook output priority -150; udp dport 80 ip6 hoplimit set 63; udp dport 80 ip ttl set 63; }',
      '}',
      '',
    ].join('\n'),
    packets: [
      { origin: 'host', from: 'fd01::1', to: 'fd01::5', ...udp, expect: ['dropped'] },
      { origin: 'host', from: 'fd01::1', to: 'fd01::5', expect: ['delivered', 'delivered'] },
      { origin: 'host', from: '10.1.0.1', to: '10.1.0.5', ...udp, expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW5 a route with a TOS is none for packets without one',
    setup: ['ip route add blackhole 10.2.0.5 tos 0x10'],
    packets: [{ expect: ['delivered'] }],
  },
  {
    title: 'PW5 IPv6 is forwarded by conf.all.forwarding, not by the interface',
    setup: ['sysctl -qw net.ipv6.conf.tunA.forwarding=0 net.ipv6.conf.tunB.forwarding=0'],
    packets: [{ from: 'fd01::5', to: 'fd02::5', expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW5 IPv6 is not forwarded where conf.all.forwarding is 0, whatever the interface says',
    setup: ['sysctl -qw net.ipv6.conf.all.forwarding=0', 'sysctl -qw net.ipv6.conf.tunA.forwarding=1 net.ipv6.conf.tunB.forwarding=1'],
    packets: [{ from: 'fd01::5', to: 'fd02::5', expect: ['dropped'] }],
  },
  {
    title: 'PW6 rp_filter 2 takes any route back, but only the own interface where that has no IPv4 address',
    setup: ['sysctl -qw net.ipv4.conf.tunA.rp_filter=2', 'ip addr del 10.1.0.1/16 dev tunA', 'ip route add 10.1.0.0/16 dev tunA'],
    packets: [{ from: '10.2.9.1', to: '10.2.0.5', expect: ['dropped'] }, { expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW6 rp_filter 2 takes any route back where the interface has an address',
    setup: ['sysctl -qw net.ipv4.conf.tunA.rp_filter=2'],
    packets: [{ from: '10.2.9.1', to: '10.2.0.5', expect: ['delivered'] }],
  },
  {
    title: "PW6 accept_local lets the node's own addresses in, and rp_filter 1 still wants them back by the same interface",
    setup: ['sysctl -qw net.ipv4.conf.tunA.rp_filter=1 net.ipv4.conf.tunA.accept_local=1'],
    packets: [{ from: '10.2.0.1', expect: ['dropped'] }],
  },
  {
    title: 'PW5 without ip_forward nothing is forwarded',
    setup: ['sysctl -qw net.ipv4.ip_forward=0'],
    packets: [{ expect: ['dropped'] }, { to: '10.1.0.1', expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW3 REJECT is a rejection with an answer',
    nft: table('filter', ['FORWARD -p tcp -j REJECT --reject-with tcp-reset', 'INPUT -j REJECT']),
    packets: [{ expect: ['rejected'] }, { ...udp, to: '10.1.0.1', expect: ['rejected'] }],
  },
];

export const traps: readonly Trap[] = [
  ...mixed,
  ...natTraps,
  ...headerTraps,
  ...fragmentTraps,
  ...stateTraps,
  ...printedTraps,
  ...protocolTraps,
  ...redirectTraps,
  ...replyTraps,
  ...zoneTraps,
  ...helperTraps,
];

import { gre, ping, udp } from './packets.ts';
import { type Trap, table } from './trap.ts';

/** Headers that are cut off, fragments, states of conntrack, marks. */
export const headerTraps: readonly Trap[] = [
  {
    title: 'PW23 legacy drops cut off TCP and UDP at any rule on ports, even one that would accept (hotdrop)',
    legacy: table('filter', ['FORWARD -p tcp -m tcp --dport 53 -j ACCEPT', 'FORWARD -p udp -m udp --dport 53 -j ACCEPT']),
    packets: [
      { cut: 8, expect: ['dropped'] },
      { ...udp, cut: 4, expect: ['dropped'] },
      { ...udp, expect: ['delivered', 'delivered'] },
    ],
  },
  {
    title: 'PW23 iptables-nft delivers what is cut off past its own port matches',
    nft: table('filter', ['FORWARD -p tcp -m tcp --dport 53 -j ACCEPT', 'FORWARD -p udp -m udp --dport 53 -j ACCEPT']),
    packets: [
      { cut: 8, expect: ['delivered'] },
      { ...udp, cut: 4, expect: ['delivered'] },
    ],
  },
  {
    title: 'PW23 multiport drops what is cut off, in legacy',
    legacy: table('filter', ['FORWARD -p tcp -m multiport --dports 53,54 -j ACCEPT']),
    packets: [{ cut: 2, expect: ['dropped'] }, { expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW23 multiport drops what is cut off, in iptables-nft too',
    nft: table('filter', ['FORWARD -p tcp -m multiport --dports 53,54 -j ACCEPT']),
    packets: [{ cut: 2, expect: ['dropped'] }, { expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW22 without conntrack a fragment at offset 8 is dropped by -m tcp of legacy and by no other',
    legacy: table('filter', ['FORWARD -p tcp -m tcp --dport 53 -j ACCEPT', 'FORWARD -p udp -m udp --dport 53 -j DROP']),
    packets: [
      { fragment: 'tiny', expect: ['dropped'] },
      { ...udp, fragment: 'tiny', expect: ['delivered'] },
      { fragment: 'later', expect: ['delivered'] },
    ],
  },
  {
    title: 'PW22 without conntrack iptables-nft delivers a fragment at offset 8, which legacy would drop at the same rule',
    nft: table('filter', ['FORWARD -p tcp -m tcp --dport 53 -j ACCEPT']),
    packets: [{ fragment: 'tiny', expect: ['delivered'] }],
  },
  {
    title: 'PW22 without conntrack a later fragment passes a DROP of its port',
    legacy: table('filter', ['FORWARD -p udp -m udp --dport 80 -j DROP']),
    packets: [
      { ...udp, fragment: 'later', expect: ['delivered'] },
      { ...udp, fragment: 'first', expect: ['dropped'] },
    ],
  },
  {
    title: 'PW22 with conntrack fragments are put together before any rule: a DROP of the port drops all of them',
    legacy: table('filter', ['FORWARD -p udp -m udp --dport 80 -j DROP', 'UNUSED -m conntrack --ctstate NEW -j DROP']),
    packets: [
      { ...udp, fragment: 'later', expect: ['dropped'] },
      { ...udp, fragment: 'first', expect: ['dropped'] },
    ],
  },
  {
    title: 'PW11 a RST that belongs to nothing is INVALID',
    legacy: table('filter', ['FORWARD -m conntrack --ctstate INVALID -j DROP']),
    packets: [{ tcpFlags: 4, expect: ['dropped'] }, { expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW17 --ctstate INVALID,DNAT drops INVALID packets in iptables-nft, though nft lists `ct status dnat` only',
    nft:
      table('nat', ['PREROUTING -d 10.96.0.10 -j DNAT --to-destination 10.2.0.5']) +
      table('filter', ['FORWARD -m conntrack --ctstate INVALID,DNAT -j DROP']),
    packets: [{ tcpFlags: 0x12, expect: ['dropped'] }, { to: '10.96.0.10', expect: ['dropped'] }, { expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW13 CONNMARK --save-mark clears its ctmask and XORs the packet mark under the nfmask',
    legacy: table('mangle', [
      'PREROUTING -i tunA -j CONNMARK --set-xmark 0xff/0xffffffff',
      'PREROUTING -i tunA -j MARK --set-xmark 0x3c/0xffffffff',
      'PREROUTING -i tunA -j CONNMARK --save-mark --nfmask 0xf0 --ctmask 0xf',
      'FORWARD -i tunA -m connmark ! --mark 0xc0 -j DROP',
    ]),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
  {
    title: 'PW17 `daddr . l4proto . th dport != @s` holds of ICMP too, whose type and code stand where ports would',
    native:
      'table ip t {\nset s { type ipv4_addr . inet_proto . inet_service; elements = { 10.2.0.5 . tcp . 80 } }\nchain f { type filter hook forward priority 0; iifname "tunA" ip daddr . meta l4proto . th dport != @s drop; }\n}\n',
    packets: [
      { expect: ['delivered', 'delivered'] },
      { toPort: 443, expect: ['dropped'] },
      { ...ping, expect: ['dropped'] },
      { ...gre, expect: ['dropped'] },
    ],
  },
  {
    title: 'fact 6 legacy `! --sport 20000 ! --dport 80` drops what has neither port',
    legacy: table('filter', ['FORWARD -i tunA -p tcp -m tcp ! --sport 20000 ! --dport 80 -j DROP']),
    packets: [
      { toPort: 443, expect: ['delivered', 'delivered'] },
      { expect: ['delivered', 'delivered'] },
      { toPort: 443, expect: ['dropped'] },
    ],
  },
  {
    title: 'fact 6 iptables-nft 1.8.9 merges `! --sport 20000 ! --dport 80` to one comparison: it drops what has not both',
    nft: table('filter', ['FORWARD -i tunA -p tcp -m tcp ! --sport 20000 ! --dport 80 -j DROP']),
    packets: [{ toPort: 443, expect: ['dropped'] }, { expect: ['dropped'] }, { toPort: 443, expect: ['dropped'] }],
  },
  {
    title: 'fact 6 iptables-nft delivers what has both negated ports',
    nft: table('filter', ['FORWARD -i tunA -p tcp -m tcp ! --sport 20000 ! --dport 80 -j DROP']),
    packets: [{ expect: ['delivered', 'delivered'] }],
  },
];

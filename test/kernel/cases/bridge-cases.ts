import { macs } from '../packet-judge/macs.ts';
import { base } from '../packet-judge/packets.ts';
import type { Scene, ScenePacket } from '../packet-judge/scene.ts';
import { type KernelCase, letter, packetsOf, rulesOf } from './kernel-case.ts';

/** A node with the bridge br0 (10.4.0.1/16, fd04::1/64), whose ports tapC (10.4.0.5) and tapD (10.4.0.6) lead to neighbours. */
interface Case {
  readonly title: string;
  /** br_netfilter shows frames to the hooks of IP. */
  readonly calls: boolean;
  readonly setup?: readonly string[];
  /** `table CHAIN rule`, of IPv6 with a 6 before it. */
  readonly rules: readonly string[];
  readonly packets: readonly Partial<ScenePacket>[];
  /** Request and reply of each packet: C, D, A, B delivered at that interface, b by the bridge, L to the node, d dropped, r rejected, ? depends, u not modelled, - none. */
  readonly expect: string;
}

const udp = { protocol: 17, tcpFlags: 0 } as const;
const across: Partial<ScenePacket> = { toMac: macs.behindD };
const toNode: Partial<ScenePacket> = { to: '10.4.0.1' };
const six = { from: 'fd04::5', to: 'fd04::6', toMac: macs.behindD } as const;

const cases: readonly Case[] = [
  {
    title: 'PW24 without br_netfilter a bridged frame passes no hook, one for the node does',
    calls: false,
    rules: ['filter FORWARD -j DROP', 'mangle PREROUTING -p udp -j DROP'],
    packets: [across, { ...across, ...udp }, toNode, { ...toNode, ...udp }, { to: '10.2.0.5' }],
    expect: 'DC DC Lb d- d-',
  },
  {
    title: 'PW24 with br_netfilter PREROUTING, FORWARD and POSTROUTING run with the bridge as both interfaces',
    calls: true,
    rules: [
      'filter FORWARD -i br0 -o br0 -p tcp -m tcp --dport 80 -j DROP',
      'filter FORWARD -i tapC -j DROP',
      'mangle PREROUTING -i br0 -p udp -m udp --dport 53 -j DROP',
      'mangle POSTROUTING -o br0 -p udp -m udp --dport 443 -j DROP',
    ],
    packets: [
      across,
      { ...across, toPort: 81 },
      { ...across, ...udp, toPort: 53 },
      { ...across, ...udp, toPort: 443 },
      { ...across, ...udp },
    ],
    expect: 'd- DC d- d- DC',
  },
  {
    title: 'PW24 physdev tells the ports: of bridged frames both, of routed ones that they came in by, of others none',
    calls: true,
    rules: [
      'filter FORWARD -m physdev --physdev-in tapC --physdev-out tapD -p tcp -m tcp --dport 80 -j DROP',
      'filter FORWARD -m physdev --physdev-is-bridged -p tcp -m tcp --dport 81 -j DROP',
      'filter FORWARD -m physdev ! --physdev-is-bridged -p tcp -m tcp --dport 443 -j DROP',
      'filter FORWARD -m physdev --physdev-in tap+ -p tcp -m tcp --dport 8080 -j DROP',
      'filter FORWARD -m physdev ! --physdev-in tapD -p udp -m udp --dport 80 -j DROP',
      'filter INPUT -m physdev --physdev-is-in -p tcp -m tcp --dport 80 -j DROP',
      'filter INPUT -m physdev ! --physdev-is-out -p tcp -m tcp --dport 443 -j DROP',
      'filter INPUT -m physdev --physdev-in tapD -j DROP',
    ],
    packets: [
      across,
      { ...across, toPort: 81 },
      { ...across, toPort: 443 },
      { ...across, toPort: 8080 },
      { ...across, ...udp },
      { origin: 'tapD', from: '10.4.0.6', to: '10.4.0.5', toMac: macs.behindC },
      { origin: 'tapD', from: '10.4.0.6', to: '10.4.0.5', toMac: macs.behindC, ...udp },
      { to: '10.2.0.5', toPort: 81 },
      { to: '10.2.0.5', toPort: 443 },
      { to: '10.2.0.5', toPort: 8080 },
      { origin: 'tunA', from: '10.1.0.5', to: '10.4.0.5', toPort: 8080 },
      { origin: 'tunA', from: '10.1.0.5', to: '10.4.0.5', toPort: 443 },
      toNode,
      { ...toNode, toPort: 443 },
      { ...toNode, toPort: 8080 },
      { ...toNode, origin: 'tapD', from: '10.4.0.6', toPort: 8080 },
    ],
    expect: 'd- d- DC d- d- CD CD Bb d- d- bA d- d- d- Lb d-',
  },
  {
    title: 'PW24 PREROUTING does not run twice for a frame that the node keeps',
    calls: true,
    rules: [
      'mangle PREROUTING -j MARK --set-xmark 0x1/0x0',
      'filter INPUT -m mark --mark 0x0 -j DROP',
      'filter FORWARD -m mark --mark 0x0 -j DROP',
    ],
    packets: [toNode, { to: '10.2.0.5' }],
    expect: 'Lb Bb',
  },
  {
    title: 'PW24 DNAT to a neighbour on the same bridge: the frame is bridged there and not routed',
    calls: true,
    rules: [
      'nat PREROUTING -d 10.96.0.10 -p tcp -j DNAT --to-destination 10.4.0.6:8080',
      'filter FORWARD -m physdev ! --physdev-is-bridged -j DROP',
    ],
    packets: [{ to: '10.96.0.10' }, { to: '10.96.0.10', ttl: 1 }],
    expect: 'DC DC',
  },
  {
    title: 'PW24 DNAT to elsewhere: the frame is routed; to the node: it is kept',
    calls: true,
    rules: [
      'nat PREROUTING -d 10.96.0.10 -p tcp -j DNAT --to-destination 10.2.0.5:8080',
      'nat PREROUTING -d 10.96.0.11 -p tcp -j DNAT --to-destination 10.4.0.1:8080',
      'nat PREROUTING -d 10.4.0.6 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.2.0.5:8080',
      'nat PREROUTING -d 10.4.0.6 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.77.0.5:8080',
    ],
    packets: [{ to: '10.96.0.10' }, { to: '10.96.0.11' }, { ...across, toPort: 443 }, { ...across, toPort: 8080 }],
    expect: 'Bb Lb Bb r-',
  },
  {
    title: 'PW24 without br_netfilter DNAT to a neighbour on the same bridge is routed back by the bridge',
    calls: false,
    rules: [
      'nat PREROUTING -d 10.96.0.10 -p tcp -j DNAT --to-destination 10.4.0.6:8080',
      'filter FORWARD -m physdev --physdev-is-in -j DROP',
    ],
    packets: [{ to: '10.96.0.10' }],
    expect: 'bC',
  },
  {
    title: 'PW24 conntrack and SNAT see bridged frames, and MASQUERADE takes the address of the bridge',
    calls: true,
    rules: ['nat POSTROUTING -o br0 -p tcp -m tcp --dport 80 -j MASQUERADE', 'filter FORWARD -m conntrack --ctstate INVALID -j DROP'],
    packets: [across, { ...across, toPort: 443 }, { ...across, tcpFlags: 0x12 }],
    expect: 'DC DC d-',
  },
  {
    title: 'PW24 frames of IPv6 have a switch of their own',
    calls: true,
    setup: ['sysctl -qw net.bridge.bridge-nf-call-iptables=0'],
    rules: ['filter FORWARD -j DROP', '6filter FORWARD -m physdev --physdev-in tapC -p tcp -m tcp --dport 80 -j DROP'],
    packets: [across, six, { ...six, toPort: 443 }, { ...six, to: 'fd02::5', toMac: macs.br0, toPort: 443 }],
    expect: 'DC d- DC Bb',
  },
  {
    title: 'PW24 DNAT of IPv6 to a neighbour on the same bridge',
    calls: true,
    rules: [
      '6nat PREROUTING -d fd00:96::10/128 -p tcp -j DNAT --to-destination [fd04::6]:8080',
      '6filter FORWARD -m physdev ! --physdev-is-bridged -j DROP',
    ],
    packets: [{ ...six, to: 'fd00:96::10', toMac: macs.br0 }],
    expect: 'DC',
  },
  {
    title: 'PW24 a frame to nobody known goes to all other ports',
    calls: true,
    rules: ['filter FORWARD -m physdev --physdev-out tapD -p udp -j DROP'],
    packets: [{ toMac: '02:00:00:00:0e:07' }, { toMac: '02:00:00:00:0e:07', ...udp }],
    expect: 'DC d-',
  },
];

function sceneOf({ calls, setup = [], rules, packets }: Case): Scene {
  const value = calls ? 1 : 0;
  return {
    setup: [`sysctl -qw net.bridge.bridge-nf-call-iptables=${value} net.bridge.bridge-nf-call-ip6tables=${value}`, ...setup],
    ethernet: 'bridge',
    rules: rulesOf(rules),
    nftFirst: false,
    packets: packetsOf({ ...base, origin: 'tapC', from: '10.4.0.5', to: '10.4.0.6' }, packets),
  };
}

export const bridgeCases: readonly KernelCase[] = cases.map((each) => ({
  title: each.title,
  scene: sceneOf(each),
  expect: each.expect,
  shown: ({ judged }) => judged.map(({ walk }) => letter(walk.request) + letter(walk.reply)).join(' '),
}));

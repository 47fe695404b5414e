import { type RulesFile, rulesFiles } from '../scene.ts';
import { familiesOf, services } from './coverage.ts';
import { four, setCommands, six } from './names.ts';
import { nativeTable } from './native-table.ts';
import { packets } from './packets.ts';
import type { Random } from './random.ts';
import type { Shape } from './shape.ts';
import { xtRules } from './xt-rules.ts';

/** Just around the points where conntrack and nat stand, and equal to iptables' own. */
const oddPriorities: readonly number[] = [
  -301, -300, -299, -225, -201, -200, -199, -160, -150, -101, -100, -99, -1, 0, 0, 1, 49, 50, 99, 100, 101, 110, 300,
];

/** Corner cases: odd priorities, dormant tables, gotos out of base chains, deep jumps, routes and sysctls that few nodes have. */
export const hostile: Shape = {
  name: 'hostile',
  weight: 6,
  make: (random) => {
    const families = familiesOf(random);
    const rules: Partial<Record<RulesFile, string>> = {};
    for (const file of rulesFiles) {
      const names = file.startsWith('ip6') ? six : four;
      if (families.includes(names) && random.chance(88)) rules[file] = random.chance(25) ? deep(random) : xtRules(random, names);
    }
    const tables = random.many(random.below(3), (i) => {
      const names = random.pick(families);
      const family = random.chance(50) ? 'inet' : names.six ? 'ip6' : 'ip';
      return nativeTable(random, { family, name: `t${i}`, six: names.six, priorities: oddPriorities, dormant: 12 });
    });
    return {
      setup: [...services, ...setCommands, ...oddNode(random)],
      rules,
      nftFirst: random.chance(50),
      ...(tables.length > 0 && { native: tables.join(''), nativeFirst: random.chance(50) }),
      packets: packets(random, 55, { six: families.length === 2 ? 40 : families[0] === six ? 95 : 5 }),
    };
  },
};

/** A chain of jumps and gotos, with RETURNs on the way. */
function deep(random: Random): string {
  const depth = 3 + random.below(12);
  const names = random.many(depth, (i) => `D${i}`);
  const rules = names.flatMap((name, i) => {
    const next = names[i + 1];
    const before = random.pick([
      '-p tcp -m tcp --dport 80 -j RETURN',
      '-p udp -j RETURN',
      `-j MARK --set-xmark 0x${(1 << (i % 8)).toString(16)}/0x0`,
      '-m mark --mark 0x4/0x4 -j RETURN',
    ]);
    const after = random.pick(['-m mark --mark 0x1/0x1 -j DROP', '-p udp -j ACCEPT', '-j RETURN', '-p icmp -j DROP']);
    return [
      `-A ${name} ${before}`,
      ...(next === undefined ? [] : [`-A ${name} ${random.pick(['-j', '-j', '-g'])} ${next}`]),
      `-A ${name} ${after}`,
    ];
  });
  const bases = ['INPUT', 'FORWARD', 'OUTPUT'];
  const enter = bases.map((base) => `-A ${base} ${random.pick(['-j', '-g'])} ${random.pick(names)}`);
  const policy = random.pick(['ACCEPT', 'DROP']);
  const last = bases
    .filter(() => random.chance(60))
    .map((base) => `-A ${base} ${random.pick(['-p tcp -j ACCEPT', '-j DROP', '-j ACCEPT'])}`);
  return [
    '*filter',
    ...bases.map((base) => `:${base} ${policy} [0:0]`),
    ...names.map((name) => `:${name} - [0:0]`),
    ...enter,
    ...rules,
    ...last,
    'COMMIT',
    '',
  ].join('\n');
}

/** Routing that is not plain: tables by mark and source, routes that refuse, source checks, addresses on lo. */
function oddNode(random: Random): readonly string[] {
  const choices: readonly (readonly string[])[] = [
    ['ip rule add fwmark 0x1/0x1 lookup 100', 'ip route add default dev tunB table 100'],
    [
      'ip rule add from 10.1.7.0/24 lookup 101',
      'ip route add blackhole 10.2.0.0/24 table 101',
      'ip route add unreachable 10.96.0.0/16 table 101',
    ],
    ['ip rule add iif tunA to 10.2.9.0/24 prohibit'],
    ['ip route add prohibit 10.2.9.1/32'],
    ['ip route add unreachable 10.96.0.10/32'],
    ['ip route add blackhole 10.96.0.8/29'],
    ['ip -6 rule add fwmark 0x1/0x1 lookup 100', 'ip -6 route add default dev tunB table 100'],
    ['ip route add unreachable fd00:96::10/128'],
    ['ip route add blackhole fd02::9:0/112'],
    ['ip addr add 10.96.0.10/32 dev lo'],
    ['ip addr add fd00:96::10/128 dev lo'],
    ['sysctl -qw net.ipv4.conf.tunA.rp_filter=1'],
    ['sysctl -qw net.ipv4.conf.all.rp_filter=2'],
    ['sysctl -qw net.ipv4.conf.tunA.rp_filter=1 net.ipv4.conf.tunA.src_valid_mark=1'],
    ['sysctl -qw net.ipv4.conf.tunA.accept_local=1'],
    ['sysctl -qw net.ipv4.conf.tunA.route_localnet=1'],
    ['sysctl -qw net.ipv4.conf.tunA.forwarding=0'],
    ['sysctl -qw net.ipv6.conf.all.forwarding=0'],
    ['ip route add throw 10.2.9.0/24 table 102', 'ip route add default dev tunA table 102', 'ip rule add from 10.1.0.0/16 lookup 102'],
  ];
  return choices.filter(() => random.chance(9)).flat();
}

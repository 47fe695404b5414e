import { macs } from '../macs.ts';
import { ports, type RulesFile, rulesFiles, type ScenePacket } from '../scene.ts';
import { familiesOf, services } from './coverage.ts';
import { four, type Names, setCommands, six } from './names.ts';
import { usualPriorities } from './native.ts';
import { nativeTable } from './native-table.ts';
import type { Random } from './random.ts';
import type { Shape } from './shape.ts';
import { xtRules } from './xt-rules.ts';

/** Frames: an interface with Ethernet headers, and a bridge whose frames go through the hooks of ip where a sysctl says so. */
export const ethernet: Shape = {
  name: 'ethernet',
  weight: 4,
  make: (random) => {
    const kind = random.pick(['routed', 'bridge'] as const);
    const names = namesOf(random.pick(familiesOf(random)), kind);
    const rules: Partial<Record<RulesFile, string>> = {};
    for (const file of rulesFiles)
      if (file.startsWith('ip6') === names.six && random.chance(96)) rules[file] = renamed(random, xtRules(random, names), kind);
    const native = random.chance(40)
      ? renamed(
          random,
          nativeTable(random, { family: names.six ? 'ip6' : 'ip', name: 't0', six: names.six, priorities: usualPriorities }),
          kind,
        )
      : undefined;
    const calls = `sysctl -qw net.bridge.bridge-nf-call-iptables=${random.below(2)} net.bridge.bridge-nf-call-ip6tables=${random.below(2)}`;
    return {
      setup: [...services, ...setCommands, ...(kind === 'bridge' ? [calls] : [])],
      rules,
      nftFirst: random.chance(50),
      ...(native !== undefined && { native }),
      ethernet: kind,
      packets: random.many(55, (index) => packetOf(random, index, names, kind)),
    };
  },
};

function namesOf(base: Names, kind: 'routed' | 'bridge'): Names {
  const side = kind === 'routed' ? 3 : 4;
  const near = base.six ? [`fd0${side}::5`, `fd0${side}::6`] : [`10.${side}.0.5`, `10.${side}.0.6`];
  const own = base.six ? `fd0${side}::1` : `10.${side}.0.1`;
  const [other] = (base.six ? six : four).sources;
  return {
    ...base,
    sources: [...near, other as string, base.six ? 'fd02::5' : '10.2.0.5'],
    destinations: [...near, own, base.destinations[0] as string, base.service],
    host: [own, ...base.host],
  };
}

/** Rules speak of tunA and tunB; here some of them speak of the interfaces with frames. */
function renamed(random: Random, text: string, kind: 'routed' | 'bridge'): string {
  const others = kind === 'routed' ? ['tapC'] : ['br0', 'tapC', 'tapD'];
  return text.replaceAll(/\btun[AB]\b/g, (name) => (random.chance(60) ? random.pick(others) : name));
}

function packetOf(random: Random, index: number, names: Names, kind: 'routed' | 'bridge'): ScenePacket {
  const origin = random.pick(
    kind === 'routed' ? (['tapC', 'tapC', 'tunA', 'host'] as const) : (['tapC', 'tapC', 'tapD', 'tunA', 'host'] as const),
  );
  const from =
    origin === 'host'
      ? random.pick(names.host)
      : origin === 'tunA'
        ? (names.sources[2] as string)
        : (names.sources[origin === 'tapC' ? 0 : 1] as string);
  const to = random.pick(names.destinations.filter((each) => each !== from));
  const protocol = random.pick([6, 6, 17, names.six ? 58 : 1]);
  return {
    origin,
    from,
    to,
    protocol,
    fromPort: 10_000 + index,
    toPort: random.pick(ports),
    tcpFlags: protocol === 6 ? random.pick([2, 2, 2, 0x10, 0x12]) : 0,
    icmp: protocol === 1 ? { type: 8, code: 0 } : protocol === 58 ? { type: 128, code: 0 } : null,
    ...(kind === 'bridge' && origin.startsWith('tap') && receiverOf(random, to, names)),
  };
}

/** Neighbours send to each other; now and then to the node, as who takes it for the next hop does. */
function receiverOf(random: Random, to: string, { sources }: Names): Pick<ScenePacket, 'toMac'> {
  if (random.chance(20)) return { toMac: macs.br0 };
  return to === sources[1] ? { toMac: macs.behindD } : to === sources[0] ? { toMac: macs.behindC } : {};
}

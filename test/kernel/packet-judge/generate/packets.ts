import { ports, type Scene, type ScenePacket } from '../scene.ts';
import { four, type Names, six } from './names.ts';
import type { Random } from './random.ts';

export interface Mix {
  /** Which families, in percent of IPv6. */
  readonly six: number;
  readonly ethernet?: Scene['ethernet'];
}

/** Packets that look for differences: most are what nodes see, some are what nobody expects. */
export function packets(random: Random, count: number, mix: Mix): readonly ScenePacket[] {
  return random.many(count, (index) => packetOf(random, index, mix));
}

function packetOf(random: Random, index: number, mix: Mix): ScenePacket {
  const names = random.chance(mix.six) ? six : four;
  const origin = random.pick(['tunA', 'tunA', 'tunA', 'tunB', 'host'] as const);
  const protocol = protocolOf(random, names, origin, index);
  const plain: ScenePacket = {
    origin,
    from: sourceOf(random, names, { origin, protocol, index }),
    to: random.pick(names.destinations),
    protocol,
    fromPort: 10_000 + index,
    toPort: random.pick(ports),
    tcpFlags: protocol === 6 ? random.pick([0x02, 0x02, 0x02, 0x02, 0x02, 0x02, 0x10, 0x12, 0x00, 0x04, 0x29, 0x03]) : 0,
    icmp: icmpOf(random, protocol),
  };
  return random.chance(22) ? { ...plain, ...oddity(random, plain, names) } : plain;
}

/** Protocols without ports have nothing that would tell flows apart, so that two of them behind one address clash: one of each a scene. */
function protocolOf(random: Random, { six: isSix }: Names, origin: string, index: number): number {
  const drawn = random.pick([6, 6, 6, 17, 17, isSix ? 58 : 1, 132, 47, 99]);
  return (drawn === 47 && index !== 0) || (drawn === 99 && index !== 1) || (origin === 'host' && (drawn === 47 || drawn === 99))
    ? 6
    : drawn;
}

function sourceOf(
  random: Random,
  names: Names,
  { origin, protocol, index }: { readonly origin: string; readonly protocol: number; readonly index: number },
): string {
  const side = origin === 'tunB' ? 2 : 1;
  if (protocol === 47 || protocol === 99) return names.six ? `fd0${side}::9:${index + 16}` : `10.${side}.9.${index + 16}`;
  if (origin === 'host') return random.pick(names.host);
  return random.pick(origin === 'tunB' ? names.sources.slice(2) : names.sources.slice(0, 2));
}

function icmpOf(random: Random, protocol: number): ScenePacket['icmp'] {
  if (protocol === 1)
    return random.pick([
      { type: 8, code: 0 },
      { type: 8, code: 0 },
      { type: 8, code: 0 },
      { type: 13, code: 0 },
      { type: 0, code: 0 },
      { type: 3, code: 1 },
      { type: 8, code: 7 },
    ]);
  return protocol === 58
    ? random.pick([
        { type: 128, code: 0 },
        { type: 128, code: 0 },
        { type: 129, code: 0 },
      ])
    : null;
}

/** One thing that is not as usual. */
function oddity(random: Random, packet: ScenePacket, names: Names): Partial<ScenePacket> {
  const { origin, protocol, icmp } = packet;
  const plainFlow = protocol === 17 || (protocol === 6 && packet.tcpFlags === 2);
  const choices: readonly Partial<ScenePacket>[] = [
    { ttl: random.pick([1, 2, 63, 255]) },
    { padding: random.pick([4, 13, 100, 600]) },
    ...(origin !== 'host' ? [{ from: random.pick([...names.host, ...names.sources, names.service]) }] : []),
    ...(names.six || protocol === 6 || random.chance(70)
      ? []
      : [{ to: random.pick(['10.2.255.255', '10.1.255.255', '224.0.0.5', '127.0.0.1', '255.255.255.255', '0.0.0.0']) }]),
    ...(origin === 'host' ? [{ mark: random.pick([1, 0x10, 0x31]) }] : []),
    ...(origin !== 'host' && [1, 6, 17, 58, 132].includes(protocol) ? [{ badChecksum: true }] : []),
    ...(origin !== 'host' && (protocol === 6 || protocol === 17)
      ? [{ cut: random.pick(protocol === 6 ? [0, 3, 4, 8, 12, 19] : [0, 3, 4, 7]) }]
      : []),
    ...(origin !== 'host' && icmp === null
      ? [
          {
            fragment: random.pick(
              packet.from.includes(':') ? (['first', 'later'] as const) : (['first', 'later', 'later', 'tiny'] as const),
            ),
          },
        ]
      : []),
    ...(plainFlow && random.chance(20) ? [{ established: true, ...(protocol === 6 && { tcpFlags: 0x10 }) }] : []),
  ];
  return random.pick(choices);
}

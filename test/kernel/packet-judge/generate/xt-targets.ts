import type { Names } from './names.ts';
import type { Random } from './random.ts';
import type { Place } from './xt-matches.ts';

type Choice = readonly [number, string];

const marks: readonly Choice[] = [
  [3, '-j MARK --set-xmark 0x1/0x1'],
  [1, '-j MARK --set-xmark 0x10/0x0'],
  [1, '-j MARK --set-xmark 0x20/0xffffffff'],
  [1, '-j MARK --set-mark 0x3/0x1'],
  [1, '-j MARK --and-mark 0xfffffffe'],
  [1, '-j MARK --or-mark 0x10'],
  [1, '-j MARK --xor-mark 0x1'],
];
const connmarks: readonly Choice[] = [
  [1, '-j CONNMARK --set-xmark 0x1/0xff'],
  [1, '-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff'],
  [1, '-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff'],
  [1, '-j CONNMARK --restore-mark --nfmask 0x30 --ctmask 0x1'],
];
const ends: readonly Choice[] = [
  [3, '-j DROP'],
  [3, '-j ACCEPT'],
  [2, '-j RETURN'],
];
const quiet: readonly Choice[] = [
  [1, '-j NFLOG --nflog-group 7'],
  [1, ''],
];

/** What ends, changes or only watches a packet, as the table and chain allow. */
export function xtTarget(random: Random, place: Place): string {
  if (place.table === 'nat') return natTarget(random, place);
  return random.weighted<string>([...ends, ...quiet, ...marks, ...byTable(place)]);
}

function byTable({ table, chain, names }: Place): readonly Choice[] {
  const set: Choice = [1, `-j SET --add-set scratch${names.suffix} src`];
  switch (table) {
    case 'raw':
      return [[4, '-j CT --notrack'], [1, '-j CT --zone 7'], [1, '-j CT --zone-orig 8'], set];
    case 'mangle':
      return [...connmarks, ...mangling(chain, names)];
    case 'filter':
      return [
        [4, '-j DROP'],
        [4, '-j ACCEPT'],
        ...rejects(names),
        [1, '-j NFQUEUE --queue-num 9'],
        [1, '-j NFQUEUE --queue-num 9 --queue-bypass'],
        set,
      ];
    default:
      return [[2, '-j DROP']];
  }
}

function rejects({ six }: Names): readonly Choice[] {
  return [
    [2, '-j REJECT'],
    [1, `-j REJECT --reject-with ${six ? 'icmp6-adm-prohibited' : 'icmp-host-prohibited'}`],
    [1, '-p tcp -j REJECT --reject-with tcp-reset'],
  ];
}

function mangling(chain: string, { six }: Names): readonly Choice[] {
  const lifetime: readonly Choice[] = six
    ? [
        [1, '-j HL --hl-set 20'],
        [1, '-j HL --hl-dec 1'],
      ]
    : [
        [1, '-j TTL --ttl-set 20'],
        [1, '-j TTL --ttl-inc 1'],
        [1, '-j TTL --ttl-dec 1'],
      ];
  return [
    ...lifetime,
    [1, '-j DSCP --set-dscp 0x10'],
    [1, '-j TOS --set-tos 0x10/0x3f'],
    [1, '-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1000'],
    ...(chain === 'POSTROUTING'
      ? ([
          [1, '-j CLASSIFY --set-class 1:2'],
          [1, '-j CHECKSUM --checksum-fill'],
        ] as const)
      : []),
    ...(chain === 'PREROUTING'
      ? ([[2, `-p tcp -j TPROXY --on-port 8080 --on-ip ${six ? '::1' : '127.0.0.1'} --tproxy-mark 0x1/0xff`]] as const)
      : []),
  ];
}

function natTarget(random: Random, { chain, names }: Place): string {
  const to = random.pick(names.six ? ['fd02::5', 'fd02::9:1', 'fd01::5', 'fd01::1'] : ['10.2.0.5', '10.2.9.1', '10.1.0.5', '10.1.0.1']);
  const withPort = names.six ? `[${to}]` : to;
  const other = names.six ? 'fd02::77' : '10.2.0.77';
  const otherPort = names.six ? '[fd02::77]' : '10.2.0.77';
  const net = names.six ? 'fd02::100:0/112' : '10.2.5.0/24';
  if (chain === 'PREROUTING' || chain === 'OUTPUT')
    return random.weighted([
      [4, `-j DNAT --to-destination ${to}`],
      [4, `-p tcp -j DNAT --to-destination ${withPort}:8080`],
      [1, `-p udp -j DNAT --to-destination ${withPort}:8080`],
      [1, `-p tcp -j DNAT --to-destination ${withPort}:8080-8089`],
      [1, '-j REDIRECT'],
      [2, '-p tcp -j REDIRECT --to-ports 8080'],
      [1, `-j NETMAP --to ${net}`],
      [2, '-j ACCEPT'],
      [2, '-j RETURN'],
      [2, '-j MARK --set-xmark 0x1/0x1'],
    ]);
  if (chain === 'POSTROUTING')
    return random.weighted([
      [4, '-j MASQUERADE'],
      [1, '-j MASQUERADE --random-fully'],
      [1, '-p tcp -j MASQUERADE --to-ports 40000-40100'],
      [3, `-j SNAT --to-source ${other}`],
      [1, `-p tcp -j SNAT --to-source ${otherPort}:5000-6000`],
      [1, `-j NETMAP --to ${net}`],
      [2, '-j ACCEPT'],
      [2, '-j RETURN'],
    ]);
  if (chain === 'INPUT')
    return random.weighted([
      [2, '-j ACCEPT'],
      [2, '-j RETURN'],
      [2, '-j MARK --set-xmark 0x1/0x1'],
      [1, `-j SNAT --to-source ${names.six ? 'fd01::99' : '10.1.0.99'}`],
    ]);
  return random.pick(['-j ACCEPT', '-j RETURN', '-j MARK --set-xmark 0x1/0x1']);
}

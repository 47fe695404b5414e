import type { Family } from '#facts/address.ts';
import type { ConntrackState, Match } from '#facts/rule.ts';
import { byOption, type Decode, withItsValues } from './by-option.ts';
import { icmpType } from './icmp-types.ts';
import { packetFields } from './match-fields.ts';
import { packetPaths } from './match-paths.ts';
import { own } from './own.ts';
import type { Option, Segment } from './segments.ts';
import { addressRange, portRange, prefix, protocolNumber, UnreadableValue, uint32, valueAndMask } from './values.ts';

const tcpFlagBits: Readonly<Record<string, number>> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ALL: 63, NONE: 0 };

function tcpFlags(text: string | undefined): number {
  let bits = 0;
  for (const name of (text ?? '').split(',')) {
    const bit = own(tcpFlagBits, name);
    if (bit === undefined) throw new UnreadableValue(`TCP flag '${name}'`);
    bits |= bit;
  }
  return bits;
}

function transport(module: 'tcp' | 'udp' | 'sctp' | 'dccp' | 'udplite'): Decode {
  const ports =
    (side: 'source' | 'destination') =>
    (option: Option): Match => ({ kind: 'ports', module, side, ranges: [portRange(option.values[0])], negated: option.negated });
  const decode = byOption({
    '--sport': ports('source'),
    '--source-port': ports('source'),
    '--dport': ports('destination'),
    '--destination-port': ports('destination'),
    ...(module === 'tcp' && {
      '--tcp-flags': ({ values, negated }: Option): Match => ({
        kind: 'tcp-flags',
        mask: tcpFlags(values[0]),
        set: tcpFlags(values[1]),
        negated,
      }),
      '--syn': ({ negated }: Option): Match => ({ kind: 'tcp-flags', mask: 0x17, set: 0x02, negated }),
    }),
  });
  return (segment, family) =>
    segment.options.length > 0 || module === 'dccp' || module === 'udplite'
      ? decode(segment, family)
      : [{ kind: 'transport-header', module }];
}

const multiport =
  (side: 'source' | 'destination' | 'either') =>
  (option: Option): Match => ({
    kind: 'ports',
    module: 'multiport',
    side,
    ranges: (option.values[0] ?? '').split(',').map((text) => portRange(text)),
    negated: option.negated,
  });

const conntrackStates: readonly ConntrackState[] = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED', 'SNAT', 'DNAT'];

const states =
  (module: 'conntrack' | 'state') =>
  ({ values, negated }: Option): Match => {
    const found = (values[0] ?? '').split(',');
    const known = conntrackStates.filter((state) => found.includes(state));
    if (known.length !== found.length) throw new UnreadableValue(`state '${values[0]}'`);
    return { kind: 'conntrack-state', module, states: known, negated };
  };

const conntrackAddress =
  (which: 'origsrc' | 'origdst' | 'replsrc' | 'repldst') =>
  (option: Option, family: Family): Match => ({
    kind: 'conntrack-address',
    which,
    prefix: prefix(option.values[0], family),
    negated: option.negated,
  });
const conntrackPort =
  (which: 'origsrc' | 'origdst' | 'replsrc' | 'repldst') =>
  (option: Option): Match => ({ kind: 'conntrack-port', which, range: portRange(option.values[0]), negated: option.negated });

const conntrack = byOption({
  '--ctstate': states('conntrack'),
  '--ctproto': ({ values, negated }) => ({ kind: 'conntrack-protocol', number: protocolNumber(values[0]) ?? 0, negated }),
  '--ctorigsrc': conntrackAddress('origsrc'),
  '--ctorigdst': conntrackAddress('origdst'),
  '--ctreplsrc': conntrackAddress('replsrc'),
  '--ctrepldst': conntrackAddress('repldst'),
  '--ctorigsrcport': conntrackPort('origsrc'),
  '--ctorigdstport': conntrackPort('origdst'),
  '--ctreplsrcport': conntrackPort('replsrc'),
  '--ctrepldstport': conntrackPort('repldst'),
  '--ctstatus': ({ values, negated }) => ({ kind: 'conntrack-status', statuses: (values[0] ?? '').split(','), negated }),
  '--ctdir': ({ values, negated }) => {
    const direction = values[0];
    if (direction !== 'ORIGINAL' && direction !== 'REPLY') throw new UnreadableValue(`direction '${direction}'`);
    return { kind: 'conntrack-direction', direction, negated };
  },
});

const mark = (of: 'packet' | 'connection'): Decode =>
  byOption({ '--mark': ({ values, negated }) => ({ kind: 'mark', of, ...valueAndMask(values[0]), negated }) });

const addressType: Decode = ({ options }) => {
  const limits = options.filter((option) => option.name.startsWith('--limit-iface-'));
  const limit = limits.length === 0 ? null : limits[0]?.name === '--limit-iface-in' ? 'in' : 'out';
  return options
    .filter((option) => !limits.includes(option))
    .map(({ name, values, negated }) => {
      if (name !== '--src-type' && name !== '--dst-type') throw new UnreadableValue(`option '${name}'`);
      return {
        kind: 'address-type',
        side: name === '--src-type' ? 'source' : 'destination',
        types: (values[0] ?? '').split(','),
        limit,
        negated,
      };
    });
};

const set: Decode = ({ options }) => {
  const match = options.find((option) => option.name === '--match-set' || option.name === '--set');
  const directions = (match?.values[1] ?? '').split(',').filter((part) => part === 'src' || part === 'dst');
  if (match?.values.length !== 2 || directions.length !== match.values[1]?.split(',').length) throw new UnreadableValue('set match');
  const others = options.filter((option) => option !== match && option.name !== '--return-nomatch');
  const counterOptions = others.map(({ name, values, negated }) => [negated ? '!' : '', name, ...values].join(' ').trim()).join(' ');
  return [
    {
      kind: 'set',
      name: match.values[0] as string,
      directions,
      returnNomatch: options.some(({ name }) => name === '--return-nomatch'),
      counterOptions,
      negated: match.negated,
    },
  ];
};

const reversePath: Decode = ({ options }) => {
  const has = (name: string): boolean => options.some((option) => option.name === name);
  if (options.some(({ name }) => !['--loose', '--validmark', '--accept-local', '--invert'].includes(name)))
    throw new UnreadableValue('rpfilter option');
  return [
    {
      kind: 'reverse-path',
      loose: has('--loose'),
      validMark: has('--validmark'),
      acceptLocal: has('--accept-local'),
      inverted: has('--invert'),
    },
  ];
};

const physicalDevice: Decode = ({ options, text }) => {
  if (options.length === 0) throw new UnreadableValue('empty physdev match');
  const name = (option: string): string | null => options.find((each) => each.name === option)?.values[0] ?? null;
  return [
    {
      kind: 'physical-device',
      inName: name('--physdev-in'),
      outName: name('--physdev-out'),
      options: options.map(({ name: option, negated }) => (negated ? `! ${option}` : option)),
      text,
    },
  ];
};

const range =
  (side: 'source' | 'destination') =>
  (option: Option, family: Family): Match => ({
    kind: 'address-range',
    side,
    ...addressRange(option.values[0], family),
    negated: option.negated,
  });

/** The kernel keeps a probability as a part of 2^31 (xt_statistic.c). */
const whole = 2 ** 31;

const statistic: Decode = (segment) => {
  const value = (name: string): Option | undefined => segment.options.find((option) => option.name === name);
  const mode = value('--mode')?.values[0];
  const probability = value('--probability');
  const every = value('--every');
  if (mode === 'nth' && every !== undefined) {
    const packets = uint32(every.values[0]);
    if (packets === 0) throw new UnreadableValue(`number '${every.values[0]}'`);
    return [{ kind: 'statistic', mode, probability: 1 / packets, negated: every.negated }];
  }
  if (mode !== 'random' || probability === undefined) return stateDependent(segment);
  const share = Number(probability.values[0]);
  if (!(share >= 0 && share <= 1)) throw new UnreadableValue(`probability '${probability.values[0]}'`);
  return [{ kind: 'statistic', mode, probability: Math.round(share * whole) / whole, negated: probability.negated }];
};

function stateDependent({ name, text }: { readonly name: string; readonly text: string }): readonly Match[] {
  return [{ kind: 'state-dependent', module: name, text }];
}

const icmp =
  (version: 4 | 6): Decode =>
  ({ options }) =>
    options.length === 0
      ? [{ kind: 'transport-header', module: version === 4 ? 'icmp' : 'icmp6' }]
      : options.map(({ name, values, negated }) => {
          if (!name.endsWith('-type') || values.length !== 1) throw new UnreadableValue(`option '${name}'`);
          return { kind: 'icmp-type', ...icmpType(values[0] ?? '', version), negated };
        });

/** `--set` alone notes the source and always matches (xt_recent.c, recent_mt); what the other options answer depends on its list. */
const recent: Decode = (segment) => {
  const names = segment.options.map(({ name }) => name);
  const only = ['--set', '--name', '--mask', '--rsource', '--rdest'];
  const notes = names.includes('--set') && names.every((name) => only.includes(name)) && segment.options.every(({ negated }) => !negated);
  return notes ? [{ kind: 'accounting', module: segment.name }] : stateDependent(segment);
};

/** The match modules that we decode. What is not here is unmodelled. */
const decoders: Readonly<Record<string, Decode>> = {
  tcp: transport('tcp'),
  udp: transport('udp'),
  sctp: transport('sctp'),
  dccp: transport('dccp'),
  udplite: transport('udplite'),
  multiport: byOption({
    '--sports': multiport('source'),
    '--source-ports': multiport('source'),
    '--dports': multiport('destination'),
    '--destination-ports': multiport('destination'),
    '--ports': multiport('either'),
  }),
  icmp: icmp(4),
  icmp6: icmp(6),
  'ipv6-icmp': icmp(6),
  icmpv6: icmp(6),
  conntrack,
  state: byOption({ '--state': states('state') }),
  mark: mark('packet'),
  connmark: mark('connection'),
  addrtype: addressType,
  set,
  rpfilter: reversePath,
  physdev: physicalDevice,
  iprange: byOption({ '--src-range': range('source'), '--dst-range': range('destination') }),
  statistic,
  comment: byOption({ '--comment': ({ values }) => ({ kind: 'comment', text: values.join(' ') }) }),
  nfacct: ({ name }) => [{ kind: 'accounting', module: name }],
  limit: stateDependent,
  hashlimit: stateDependent,
  recent,
  connlimit: stateDependent,
  connbytes: stateDependent,
  connlabel: stateDependent,
  quota: stateDependent,
  time: stateDependent,
  cpu: stateDependent,
  cluster: stateDependent,
  rateest: stateDependent,
  ipvs: stateDependent,
  ...packetFields,
  ...packetPaths,
};

/** The matches of one `-m` segment. Throws UnreadableValue where the module is known and its options are not. */
export function decodeMatch(segment: Segment, family: Family): readonly Match[] {
  const decode = own(decoders, segment.name);
  return decode === undefined ? [{ kind: 'unmodelled', module: segment.name, text: segment.text }] : decode(segment, family);
}

/** `-s -d -p -i -o -f`. Options of the protocol's own module may stand here too (`-p udp --dport 53`). */
export function decodeBase(segment: Segment, family: Family): readonly Match[] {
  const protocol = segment.options.find(({ name }) => name === '-p' || name === '--protocol')?.values[0];
  const foreign = segment.options.filter(({ name }) => own(baseDecoders, name) === undefined);
  const matches = segment.options.flatMap((option) => own(baseDecoders, option.name)?.(withItsValues(option), family) ?? []);
  if (foreign.length === 0) return matches;
  return [...matches, ...decodeMatch({ ...segment, name: protocol ?? '', options: foreign }, family)];
}

type DecodeBase = (option: Option, family: Family) => readonly Match[];
const addressOf =
  (kind: 'source' | 'destination'): DecodeBase =>
  ({ values, negated }, family) => {
    const found = prefix(values[0], family);
    return found.bits === 0 && !negated ? [] : [{ kind, prefix: found, negated }];
  };
const interfaceOf =
  (kind: 'in-interface' | 'out-interface'): DecodeBase =>
  ({ values, negated }) => {
    const name = values[0] ?? '';
    const wildcard = name.endsWith('+');
    return [{ kind, name: wildcard ? name.slice(0, -1) : name, wildcard, negated }];
  };
const protocolOf: DecodeBase = ({ values, negated }) => {
  const number = protocolNumber(values[0]);
  if (number === null && negated) throw new UnreadableValue("protocol '! all'");
  return number === null ? [] : [{ kind: 'protocol', number, negated }];
};
const baseDecoders: Readonly<Record<string, DecodeBase>> = {
  '-s': addressOf('source'),
  '--src': addressOf('source'),
  '--source': addressOf('source'),
  '-d': addressOf('destination'),
  '--dst': addressOf('destination'),
  '--destination': addressOf('destination'),
  '-i': interfaceOf('in-interface'),
  '--in-interface': interfaceOf('in-interface'),
  '-o': interfaceOf('out-interface'),
  '--out-interface': interfaceOf('out-interface'),
  '-p': protocolOf,
  '--protocol': protocolOf,
  '-f': ({ negated }) => [{ kind: 'fragment', negated }],
};

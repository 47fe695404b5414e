import type { Family } from '#facts/address.ts';
import type { Target } from '#facts/rule.ts';
import { own } from './own.ts';
import { packetTargets } from './packet-targets.ts';
import type { Option, Segment } from './segments.ts';
import { natRange, portRange, UnreadableValue, uint32, valueAndMask } from './values.ts';

type Decode = (segment: Segment, family: Family) => Target;

const verdicts: Readonly<Record<string, Target>> = { ACCEPT: { kind: 'accept' }, DROP: { kind: 'drop' }, RETURN: { kind: 'return' } };

/** Targets that end no walk and change nothing that one looks at: they log, count, or rewrite fields that no rule here matches. */
const withoutEffect = new Set([
  'LOG',
  'NFLOG',
  'ULOG',
  'TRACE',
  'AUDIT',
  'TCPMSS',
  'CHECKSUM',
  'CLASSIFY',
  'TCPOPTSTRIP',
  'TEE',
  'IDLETIMER',
  'LED',
  'RATEEST',
  'SECMARK',
  'CONNSECMARK',
]);

const natFlags = new Set(['--random', '--random-fully', '--persistent']);

function only(segment: Segment, names: readonly string[]): readonly Option[] {
  for (const { name, values } of segment.options) {
    if (!names.includes(name) && !natFlags.has(name)) throw new UnreadableValue(`option '${name}'`);
    if (natFlags.has(name) && values.length > 0) throw new UnreadableValue(`value '${values[0]}'`);
  }
  return segment.options.filter(({ name }) => names.includes(name));
}

const flagsOf = (segment: Segment): readonly string[] => segment.options.map(({ name }) => name).filter((name) => natFlags.has(name));

const nat =
  (kind: 'dnat' | 'snat', option: string): Decode =>
  (segment, family) => {
    const found = only(segment, [option]);
    const to = found[0]?.values[0];
    // Several --to-* options (kernels before 2.6.11) mean a choice that we do not model.
    if (found.length !== 1 || to === undefined) throw new UnreadableValue(`${found.length} destinations`);
    return { kind, to: natRange(to, family, flagsOf(segment)) };
  };

const toPorts =
  (kind: 'masquerade' | 'redirect'): Decode =>
  (segment) => {
    const ports = only(segment, ['--to-ports', '--to-port'])[0];
    return {
      kind,
      to: { first: null, last: null, ports: ports === undefined ? null : portRange(ports.values[0], '-'), flags: flagsOf(segment) },
    };
  };

/** `--set-xmark` and its shorthands as new = (old & ~mask) ^ value (xt_mark.c, mark_tg). */
function xmark({ name, values }: Option): { readonly value: number; readonly mask: number } {
  const { value, mask } = valueAndMask(values[0]);
  switch (name) {
    case '--set-xmark':
      return { value, mask };
    case '--set-mark':
      return { value, mask: (mask | value) >>> 0 };
    case '--and-mark':
      return { value: 0, mask: ~value >>> 0 };
    case '--or-mark':
      return { value, mask: value };
    case '--xor-mark':
      return { value, mask: 0 };
    default:
      throw new UnreadableValue(`option '${name}'`);
  }
}

const mark: Decode = ({ options }) => {
  const option = options[0];
  if (option === undefined || options.length !== 1 || option.values.length !== 1) throw new UnreadableValue('MARK options');
  return { kind: 'set-mark', ...xmark(option) };
};

const connectionMark: Decode = ({ options }) => {
  const action = options.find(({ name }) => name === '--save-mark' || name === '--restore-mark');
  const option = options[0];
  if (option === undefined) throw new UnreadableValue('CONNMARK without options');
  // `--left-shift-mark` and `--right-shift-mark` (revision 2) move bits, which the facts have no word for.
  const known = action === undefined ? [option.name] : [action.name, '--nfmask', '--ctmask', '--mask'];
  if (options.some(({ name }) => !known.includes(name)) || (action === undefined && options.length > 1))
    throw new UnreadableValue('CONNMARK options');
  if (action === undefined) return { kind: 'set-connmark', ...xmark(option) };
  const maskOption = (names: readonly string[]): number => {
    const text = options.find(({ name }) => names.includes(name))?.values[0];
    return text === undefined ? 0xffffffff : uint32(text);
  };
  return {
    kind: action.name === '--save-mark' ? 'save-connmark' : 'restore-connmark',
    packetMask: maskOption(['--nfmask', '--mask']),
    connectionMask: maskOption(['--ctmask', '--mask']),
  };
};

const conntrackOptions = ['--notrack', '--helper', '--timeout', '--ctevents', '--expevents', '--zone', '--zone-orig', '--zone-reply'];

const conntrackTarget: Decode = ({ name, options, text }) => {
  for (const option of options) if (!conntrackOptions.includes(option.name)) throw new UnreadableValue(`option '${option.name}'`);
  if (options.some((option) => option.name === '--notrack')) {
    return options.length === 1 ? { kind: 'notrack' } : { kind: 'unmodelled', name, text };
  }
  const zones = options.filter((option) => option.name.startsWith('--zone'));
  const [zone] = zones;
  // Without a zone it attaches a template of zone 0; the first template or NOTRACK of a packet counts, and later ones do nothing (xt_CT.c).
  if (zone === undefined) return { kind: 'set-zone', zone: 0, direction: null };
  if (zones.length > 1 || zone.values[0] === 'mark') throw new UnreadableValue(`zone '${zone.values[0]}'`);
  const number = uint32(zone.values[0]);
  if (number > 0xffff) throw new UnreadableValue(`zone '${zone.values[0]}'`);
  const direction = zone.name === '--zone-orig' ? 'original' : zone.name === '--zone-reply' ? 'reply' : null;
  return { kind: 'set-zone', zone: number, direction };
};

const decoders: Readonly<Record<string, Decode>> = {
  REJECT: (segment, family) => ({
    kind: 'reject',
    with: only(segment, ['--reject-with'])[0]?.values[0] ?? (family === 'ip' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable'),
  }),
  DNAT: nat('dnat', '--to-destination'),
  SNAT: nat('snat', '--to-source'),
  MASQUERADE: toPorts('masquerade'),
  REDIRECT: toPorts('redirect'),
  MARK: mark,
  CONNMARK: connectionMark,
  CT: conntrackTarget,
  NOTRACK: () => ({ kind: 'notrack' }),
  ...packetTargets,
};

/** The target of a `-j` or `-g` segment; `isChain` tells the table's own chains, which come first as in the kernel. */
export function decodeTarget(segment: Segment, family: Family, isChain: (name: string) => boolean): Target {
  const { name, text } = segment;
  const verdict = own(verdicts, name);
  const plain = isChain(name) || verdict !== undefined || name === 'NOTRACK';
  if (plain && segment.options.length > 0) return { kind: 'unmodelled', name, text };
  if (isChain(name)) return { kind: segment.kind === 'goto' ? 'goto' : 'jump', chain: name };
  if (segment.kind === 'goto') return { kind: 'unmodelled', name, text: `goto to chain '${name}' that the dump does not declare` };
  if (verdict !== undefined) return verdict;
  if (withoutEffect.has(name)) return { kind: 'continue', name };
  return own(decoders, name)?.(segment, family) ?? { kind: 'unmodelled', name, text };
}

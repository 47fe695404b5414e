import type { Family } from '#facts/address.ts';
import { parseAddress } from '#facts/address.ts';
import type { Target } from '#facts/rule.ts';
import type { Option, Segment } from './segments.ts';
import { portRange, prefix, UnreadableValue, uint32, valueAndMask } from './values.ts';

/** Targets that change fields of the packet or hand it to somebody, as iptables-save prints them. */

type Decode = (segment: Segment, family: Family) => Target;

/** The only option, with its only value. */
function single({ options }: Segment): Option {
  const [option] = options;
  if (option === undefined || options.length !== 1 || option.values.length !== 1 || option.negated) throw new UnreadableValue('options');
  return option;
}

function byte(text: string | undefined): number {
  const value = uint32(text);
  if (value > 255) throw new UnreadableValue(`byte '${text}'`);
  return value;
}

const dscp: Decode = (segment) => {
  const { name, values } = single(segment);
  const value = byte(values[0]);
  if (name !== '--set-dscp' || value > 63) throw new UnreadableValue(`option '${name}'`);
  return { kind: 'set-tos', value: value << 2, mask: 0xfc };
};

/** iptables-save prints `--set-tos value/mask`, with new = (old & ~mask) ^ value (xt_DSCP.c, tos_tg). */
const tos: Decode = (segment) => {
  const { name, values } = single(segment);
  const [value, mask, more] = (values[0] ?? '').split('/');
  if (name !== '--set-tos' || more !== undefined) throw new UnreadableValue(`option '${name}'`);
  return { kind: 'set-tos', value: byte(value), mask: mask === undefined ? 0xff : byte(mask) };
};

const operations = { set: 'set', inc: 'increment', dec: 'decrement' } as const;

const ttl =
  (prefixed: 'ttl' | 'hl'): Decode =>
  (segment) => {
    const { name, values } = single(segment);
    const word = (['set', 'inc', 'dec'] as const).find((each) => name === `--${prefixed}-${each}`);
    if (word === undefined) throw new UnreadableValue(`option '${name}'`);
    return { kind: 'set-ttl', operation: operations[word], value: byte(values[0]) };
  };

const netmap: Decode = (segment, family) => {
  const { name, values } = single(segment);
  if (name !== '--to') throw new UnreadableValue(`option '${name}'`);
  return { kind: 'netmap', prefix: prefix(values[0], family) };
};

const tproxy: Decode = ({ options }, family) => {
  for (const { name, values } of options)
    if (!['--on-port', '--on-ip', '--tproxy-mark'].includes(name) || values.length !== 1) throw new UnreadableValue(`option '${name}'`);
  const value = (name: string): string | undefined => options.find((option) => option.name === name)?.values[0];
  const text = value('--on-ip');
  const address = text === undefined ? null : parseAddress(text);
  if (text !== undefined && address?.family !== family) throw new UnreadableValue(`address '${text}'`);
  const { value: mark, mask } = value('--tproxy-mark') === undefined ? { value: 0, mask: 0 } : valueAndMask(value('--tproxy-mark'));
  const isAny = address?.words.every((word) => word === 0) ?? true;
  return { kind: 'tproxy', address: isAny ? null : address, port: portRange(value('--on-port')).first, mark, mask };
};

const queueOptions = ['--queue-num', '--queue-balance', '--queue-bypass', '--queue-cpu-fanout'];

const queue: Decode = ({ options, text }) => {
  for (const { name } of options) if (!queueOptions.includes(name)) throw new UnreadableValue(`option '${name}'`);
  return { kind: 'queue', bypass: options.some(({ name }) => name === '--queue-bypass'), text };
};

const setOptions = ['--add-set', '--del-set', '--exist', '--timeout'];

const changeSet: Decode = ({ name, options, text }) => {
  // A mapping writes the packet's mark from the set, which the facts have no word for.
  if (options.some((option) => option.name === '--map-set')) return { kind: 'unmodelled', name, text };
  for (const option of options) if (!setOptions.includes(option.name)) throw new UnreadableValue(`option '${option.name}'`);
  const sets = options.filter((option) => option.name.endsWith('-set'));
  if (sets.length === 0 || sets.some(({ values }) => values.length !== 2)) throw new UnreadableValue('set');
  return { kind: 'change-set', sets: sets.map(({ values }) => values[0] as string), text };
};

export const packetTargets: Readonly<Record<string, Decode>> = {
  DSCP: dscp,
  TOS: tos,
  TTL: ttl('ttl'),
  HL: ttl('hl'),
  NETMAP: netmap,
  TPROXY: tproxy,
  NFQUEUE: queue,
  QUEUE: queue,
  SET: changeSet,
};

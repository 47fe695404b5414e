import { byOption, type Decode } from './by-option.ts';
import type { Option } from './segments.ts';
import { UnreadableValue } from './values.ts';

/** Matches on what the node knows of a packet: its socket, its IPsec policies, its connection's helper. */

const ownerOptions = ['--uid-owner', '--gid-owner', '--socket-exists', '--suppl-groups'];

const owner: Decode = ({ options, text }) => {
  if (options.length === 0) throw new UnreadableValue('no option');
  for (const { name, values } of options)
    if (!ownerOptions.includes(name) || values.length > 1) throw new UnreadableValue(`option '${name}'`);
  // Without a socket only a rule with all of its conditions inverted holds (xt_owner.c, owner_mt).
  return [{ kind: 'owner', withoutSocket: options.every(({ negated }) => negated), text }];
};

const socketOptions = ['--transparent', '--nowildcard', '--restore-skmark'];

const socket: Decode = ({ options, text }) => {
  for (const { name, values, negated } of options)
    if (!socketOptions.includes(name) || values.length > 0 || negated) throw new UnreadableValue(`option '${name}'`);
  return [{ kind: 'socket', text }];
};

const written = ({ name, values, negated }: Option): string => [...(negated ? ['!'] : []), name, ...values].join(' ');

const policy: Decode = ({ options }) => {
  const value = (name: string): string | undefined => options.find((option) => option.name === name && !option.negated)?.values.join(' ');
  const direction = value('--dir');
  const kind = value('--pol');
  if ((direction !== 'in' && direction !== 'out') || (kind !== 'none' && kind !== 'ipsec')) throw new UnreadableValue('policy');
  const further = options.filter(({ name }) => name !== '--dir' && name !== '--pol');
  return [{ kind: 'ipsec-policy', direction, ipsec: kind === 'ipsec', text: further.map(written).join(' ') }];
};

export const packetPaths: Readonly<Record<string, Decode>> = {
  owner,
  socket,
  policy,
  helper: byOption({ '--helper': ({ values, negated }) => ({ kind: 'helper', name: values[0] ?? '', negated }) }),
};

import { le32 } from '../attributes.ts';
import type { RouteMessage } from './each-message.ts';

/** FRA_... that RoutingRule has a field for, or that select nothing (padding, who wrote the rule). */
const modelled = new Set([1, 2, 3, 6, 10, 15, 16, 17, 18, 21]);
/** FRA_SUPPRESS_IFGROUP and FRA_SUPPRESS_PREFIXLEN: all bits set is none. */
const suppress = new Map([
  [13, 'suppress_ifgroup'],
  [14, 'suppress_prefixlen'],
]);
/** FRA_SPORT_MASK and FRA_DPORT_MASK (Linux 6.15): all bits set is the plain port. */
const portMasks = new Map([
  [28, 'sport_mask'],
  [29, 'dport_mask'],
]);
const l3mdev = 19;
const none = 0xffffffff;
/** FIB_RULE_UNRESOLVED, _IIF_DETACHED and _OIF_DETACHED: what the rule names is not there, and it never matches. */
const stateFlags: readonly (readonly [number, string])[] = [
  [0x4, 'unresolved'],
  [0x8, 'iif_detached'],
  [0x10, 'oif_detached'],
];
const actionsWithName = new Set([1, 2, 6, 7, 8]);
const nop = 3;

type Reader = (value: Uint8Array) => Readonly<Record<string, unknown>>;
const number =
  (key: string): Reader =>
  (value) => ({ [key]: le32(value) ?? hex(value) });

/** As `ip -j rule` names them. */
const readers = new Map<number, Reader>([
  [4, number('goto')],
  [11, number('flow')],
  [12, (value) => ({ tun_id: hex(value) })],
  [20, (value) => pair(value, 4, ['uid_start', 'uid_end'])],
  [22, (value) => ({ ipproto: protocols.get(value[0] as number) ?? String(value[0]) })],
  [23, (value) => ports(value, 'sport')],
  [24, (value) => ports(value, 'dport')],
]);
const protocols = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'ipv6-icmp'],
  [132, 'sctp'],
]);

/** The selectors and options that have no field, as JSON; empty where there are none. Whoever meets one leaves the rule undecided. */
export function unmodelledSelectors({ header, attributes }: RouteMessage): string {
  const found: Record<string, unknown> = {};
  const tos = header.getUint8(3);
  if (tos !== 0) found['tos'] = `0x${tos.toString(16)}`;
  for (const [type, value] of attributes) {
    if (modelled.has(type) || saysNothing(type, value)) continue;
    const key = suppress.get(type) ?? portMasks.get(type) ?? (type === l3mdev ? 'l3mdev' : `attribute ${type}`);
    Object.assign(found, (readers.get(type) ?? number(key))(value));
  }
  for (const [bit, name] of stateFlags) if ((header.getUint32(8, true) & bit) !== 0) found[name] = null;
  const action = header.getUint8(7);
  if (!actionsWithName.has(action)) found[action === nop ? 'nop' : 'action'] = action === nop ? null : action;
  return Object.keys(found).length === 0 ? '' : JSON.stringify(found);
}

function saysNothing(type: number, value: Uint8Array): boolean {
  if (suppress.has(type)) return le32(value) === none;
  if (portMasks.has(type)) return value.every((byte) => byte === 0xff);
  return type === l3mdev && value[0] === 0;
}

function pair(value: Uint8Array, width: 2 | 4, [first, last]: readonly [string, string]): Readonly<Record<string, unknown>> {
  if (value.length !== width * 2) return { [first]: hex(value) };
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const read = (at: number): number => (width === 2 ? view.getUint16(at, true) : view.getUint32(at, true));
  return { [first]: read(0), [last]: read(width) };
}

/** One port is a number; a range has a start and an end. */
function ports(value: Uint8Array, key: 'sport' | 'dport'): Readonly<Record<string, unknown>> {
  const range = pair(value, 2, [`${key}_start`, `${key}_end`]);
  const [first, last] = Object.values(range);
  return first === last ? { [key]: first } : range;
}

function hex(value: Uint8Array): string {
  return `0x${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

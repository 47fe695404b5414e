import type { Family } from '#facts/address.ts';
import type { NextHop } from '#facts/network.ts';
import { readAttributes } from '../attributes.ts';
import { type InterfaceNames, nameOf } from './each-message.ts';
import { gatewayOf } from './gateway.ts';

export interface RouteHop extends NextHop {
  readonly encap: boolean;
}

/** RTNH_F_... and RTM_F_..., in the order that iproute2 prints them. */
const names: readonly (readonly [number, string])[] = [
  [0x1, 'dead'],
  [0x4, 'onlink'],
  [0x2, 'pervasive'],
  [0x8, 'offload'],
  [0x40, 'trap'],
  [0x100, 'notify'],
  [0x10, 'linkdown'],
  [0x20, 'unresolved'],
  [0x4000, 'rt_offload'],
  [0x8000, 'rt_trap'],
  [0x20000000, 'rt_offload_failed'],
];
const encap = 22;
const headerLength = 8;

export function flagNames(flags: number): readonly string[] {
  return names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
}

/** RTA_MULTIPATH: struct rtnexthop, each with attributes of its own. [] where there is none, null where it is none. */
export function readNextHops(
  bytes: Uint8Array | undefined,
  { family, names }: { readonly family: Family; readonly names: InterfaceNames },
): readonly RouteHop[] | null {
  const hops: RouteHop[] = [];
  for (let at = 0; bytes !== undefined && at + headerLength <= bytes.length; ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, headerLength);
    const length = view.getUint16(0, true);
    const attributes =
      length < headerLength || at + length > bytes.length ? null : readAttributes(bytes.subarray(at + headerLength, at + length));
    if (attributes === null) return null;
    hops.push({
      interface: nameOf(view.getInt32(4, true), names),
      gateway: gatewayOf(attributes, family),
      weight: view.getUint8(3) + 1,
      flags: flagNames(view.getUint8(2)),
      encap: attributes.has(encap),
    });
    at += (length + 3) & ~3;
  }
  return hops;
}

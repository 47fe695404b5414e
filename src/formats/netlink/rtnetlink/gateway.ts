import type { Address, Family } from '#facts/address.ts';
import type { Attributes } from '../attributes.ts';
import { addressOfBytes, familyOfNumber } from './address.ts';

/** RTA_GATEWAY and RTA_VIA. */
const attribute = { gateway: 5, via: 18 } as const;

/** RTA_VIA is a gateway of the other family (struct rtvia). */
export function gatewayOf(attributes: Attributes, family: Family): Address | null {
  const via = attributes.get(attribute.via);
  const viaFamily = via === undefined || via.length < 2 ? null : familyOfNumber(via[0] as number);
  return (
    addressOfBytes(attributes.get(attribute.gateway), family) ?? (viaFamily === null ? null : addressOfBytes(via?.subarray(2), viaFamily))
  );
}

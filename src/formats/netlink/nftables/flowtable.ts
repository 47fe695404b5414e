import type { NftFlowtable } from '#facts/nft.ts';
import { Fields } from './fields.ts';

/** NFTA_FLOWTABLE_NAME 2, HOOK 3 with NFTA_FLOWTABLE_HOOK_PRIORITY 2 and HOOK_DEVS 3 (each NFTA_DEVICE_NAME 1). */
export function readFlowtable(fields: Fields): NftFlowtable | null {
  const name = fields.text(2);
  const place = fields.range(3);
  const hook = new Fields(fields.bytes, fields.names).open(place.start, place.end, 3);
  const devices: string[] = [];
  hook.list(3, (start, end) => devices.push(fields.names.at(fields.bytes, start, end)));
  const priority = hook.u32(2) | 0;
  return fields.problem === null && hook.problem === null ? { name, devices, priority } : null;
}

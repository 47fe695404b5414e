import { failed, ok, type Result } from '#facts/result.ts';
import { readAttributes, textOfAttribute } from '../netlink/attributes.ts';
import { readMessages } from '../netlink/message.ts';
import type { SetNames } from './module.ts';

/** IPSET_ATTR_SETNAME, IPSET_ATTR_INDEX; struct nfgenmsg stands before attributes. */
const attribute = { name: 2, index: 11 } as const;
const headerLength = 4;

/**
 * Names of ipsets by number, from the messages of an IPSET_CMD_LIST dump. The kernel tells numbers only to whom asks with protocol 7
 * (Linux 4.20, ip_set_core.c, ip_set_dump_do); a dump without them names no set.
 */
export function readSetNames(bytes: Uint8Array, source: string): Result<SetNames> {
  const messages = readMessages(bytes, source);
  if (!messages.ok) return messages;
  const names = new Map<number, string>();
  for (const { body, offset } of messages.value) {
    const attributes = readAttributes(body.subarray(headerLength));
    if (attributes === null)
      return failed({ code: 'netlink-attributes-unreadable', source, found: `a message at byte ${offset}`, expected: 'attributes' });
    const name = textOfAttribute(attributes.get(attribute.name));
    const index = attributes.get(attribute.index);
    if (name !== null && index !== undefined && index.length === 2) names.set(((index[0] as number) << 8) | (index[1] as number), name);
  }
  return ok(names);
}

import type { IpSet, IpSetMember } from '#facts/ipset.ts';
import { failed, ok, type Problem, type Result } from '#facts/result.ts';
import { type Attributes, eachAttribute, readAttributes, textOfAttribute } from './attributes.ts';
import { ofMessage } from './ipset/attributes.ts';
import { readMember } from './ipset/member.ts';
import { createOptions } from './ipset/options.ts';
import { type NetlinkMessage, readMessages } from './message.ts';

/** NFNL_SUBSYS_IPSET, in the upper byte of the message's type. */
const subsystem = 6;
const headerLength = 4;

type OpenSet = Omit<IpSet, 'members'> & { readonly members: IpSetMember[]; readonly dimensions: readonly string[] };

/**
 * Reads the messages of an IPSET_CMD_LIST: the first of a set has its type and options, and all have members. The same sets as from
 * `ipset save`, with the members' text in its words, but ICMP types as numbers; `line` counts messages.
 */
export function readIpsets(bytes: Uint8Array, source: string): Result<ReadonlyMap<string, IpSet>> {
  const messages = readMessages(bytes, source);
  if (!messages.ok) return messages;
  const sets = new Map<string, OpenSet>();
  for (const [index, message] of messages.value.entries()) {
    if (message.type >>> 8 !== subsystem) continue;
    const expected = readSetMessage(message, { sets, line: index + 1 });
    if (expected !== null) {
      const found = `message ${index + 1}, ${message.body.length} bytes`;
      return failed({ code: 'ipset-message-unreadable', source, line: index + 1, found, expected } satisfies Problem);
    }
  }
  return ok(new Map([...sets].map(([name, { dimensions: _, ...set }]) => [name, set])));
}

/** What was expected where a message could not be read; null where it could. */
function readSetMessage(
  { body }: NetlinkMessage,
  { sets, line }: { readonly sets: Map<string, OpenSet>; readonly line: number },
): string | null {
  const attributes = body.length < headerLength ? null : readAttributes(body.subarray(headerLength));
  const name = textOfAttribute(attributes?.get(ofMessage.name));
  if (attributes === null || name === null) return 'a message that names a set';
  const type = textOfAttribute(attributes.get(ofMessage.type));
  if (type !== null) {
    const opened = openSet(attributes, { name, type, line });
    if (opened === null || sets.has(name)) return opened === null ? 'options of a set' : 'each set once';
    sets.set(name, opened);
  }
  const members = attributes.get(ofMessage.members);
  if (members === undefined) return null;
  const set = sets.get(name);
  return set === undefined ? 'the type of a set before its members' : readMembers(members, set);
}

function openSet(attributes: Attributes, { name, type, line }: { name: string; type: string; line: number }): OpenSet | null {
  const data = attributes.get(ofMessage.data);
  const create = data === undefined ? null : readAttributes(data);
  if (create === null) return null;
  const number = attributes.get(ofMessage.family)?.[0];
  // Only hash types are of one family: bitmaps are IPv4, and say so nowhere.
  const family = !type.startsWith('hash:') ? null : number === 2 ? 'ip' : number === 10 ? 'ip6' : null;
  const dimensions = type.slice(type.indexOf(':') + 1).split(',');
  return { name, type, family, options: createOptions(create, family), members: [], line, dimensions };
}

/** A member that is not decoded is no reason to lose the others: whoever looks into its set meets it. */
const notDecoded: IpSetMember = { text: '[not decoded]', nomatch: false };

function readMembers(bytes: Uint8Array, { members, dimensions }: OpenSet): string | null {
  const whole = eachAttribute(bytes, (_, value) => {
    const attributes = readAttributes(value);
    members.push((attributes === null ? null : readMember(attributes, dimensions)) ?? notDecoded);
  });
  return whole ? null : 'whole members';
}

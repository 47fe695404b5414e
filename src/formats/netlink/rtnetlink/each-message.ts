import type { Place } from '#facts/evidence.ts';
import { failed, ok, type Result } from '#facts/result.ts';
import { type Attributes, readAttributes } from '../attributes.ts';
import { readMessages } from '../message.ts';

/** One answer of rtnetlink: its family's fixed header, and its attributes. */
export interface RouteMessage {
  readonly header: DataView;
  readonly attributes: Attributes;
  /** The message's number in its file, 1-based: the file has no lines. */
  readonly at: Place;
}

/** What a message could not be read for. */
export interface Unreadable {
  readonly unreadable: string;
}

/** Which messages of a file are read, and the length of their fixed header (include/uapi/linux/rtnetlink.h). */
export interface MessageShape {
  readonly type: number;
  readonly header: number;
}

/** Interface names by index, from the dump of links. */
export type InterfaceNames = ReadonlyMap<number, string>;

/** Reads each message of the wanted type; null leaves one out. Others, as NLMSG_DONE, are passed over. */
export function eachRouteMessage<T>(
  bytes: Uint8Array,
  { source, shape }: { readonly source: string; readonly shape: MessageShape },
  readOne: (message: RouteMessage) => T | null | Unreadable,
): Result<readonly T[]> {
  const messages = readMessages(bytes, source);
  if (!messages.ok) return messages;
  const results: T[] = [];
  for (const [index, { type, body }] of messages.value.entries()) {
    if (type !== shape.type) continue;
    const line = index + 1;
    const attributes = body.length < shape.header ? null : readAttributes(body.subarray(shape.header));
    const one =
      attributes === null
        ? { unreadable: 'a header and attributes' }
        : readOne({ header: new DataView(body.buffer, body.byteOffset, shape.header), attributes, at: { source, line } });
    if (isUnreadable(one))
      return failed({
        code: 'rtnetlink-unreadable',
        source,
        line,
        found: `message ${line}, ${body.length} bytes`,
        expected: one.unreadable,
      });
    if (one !== null) results.push(one);
  }
  return ok(results);
}

function isUnreadable(value: unknown): value is Unreadable {
  return typeof value === 'object' && value !== null && 'unreadable' in value;
}

/** `ip` writes an interface that is gone as `if` and its index. */
export function nameOf(index: number | null, names: InterfaceNames): string | null {
  return index === null || index === 0 ? null : (names.get(index) ?? `if${index}`);
}

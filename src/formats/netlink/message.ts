import { failed, ok, type Result } from '#facts/result.ts';

/** One netlink message (struct nlmsghdr, include/uapi/linux/netlink.h). `body` excludes the header. */
export interface NetlinkMessage {
  /** Byte offset of the message in its file. */
  readonly offset: number;
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

const headerLength = 16;

/** Message types every family shares: NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE. */
export const control = { noop: 1, error: 2, done: 3 } as const;

/** NLM_F_DUMP_INTR: what was dumped changed on the way. */
export const dumpInterrupted = 0x10;

/** Messages as they lie behind each other in a recorded file; numbers of the header are in host order, taken as little endian. */
export function readMessages(bytes: Uint8Array, source: string): Result<readonly NetlinkMessage[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: NetlinkMessage[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = offset + headerLength <= bytes.length ? view.getUint32(offset, true) : 0;
    if (length < headerLength || offset + length > bytes.length) {
      const found = `a message of ${length} bytes at byte ${offset} of ${bytes.length}`;
      return failed({ code: 'netlink-truncated', source, found, expected: 'whole netlink messages' });
    }
    const body = bytes.subarray(offset + headerLength, offset + length);
    messages.push({ offset, type: view.getUint16(offset + 4, true), flags: view.getUint16(offset + 6, true), body });
    offset += (length + 3) & ~3;
  }
  return ok(messages);
}

/** One attribute of a request (struct nlattr). */
export type RequestAttribute = readonly [type: number, value: Uint8Array];

/** A request without its sequence number, which the socket gives. */
export interface NetlinkRequest {
  /** nlmsg_type. */
  readonly type: number;
  /** The family's own header: struct nfgenmsg, ifinfomsg, rtmsg, ... */
  readonly header: Uint8Array;
  readonly attributes: readonly RequestAttribute[];
  /** NLM_F_DUMP: all that there is, and not one. */
  readonly dump: boolean;
}

const headerLength = 16;
const flag = { request: 0x1, acknowledge: 0x4, dump: 0x300 } as const;

/** Family, version and resource id of nfnetlink (struct nfgenmsg). Family 0 is all of them. */
export function nfnetlinkHeader(family: number): Uint8Array {
  return Uint8Array.of(family, 0, 0, 0);
}

const buffer = Buffer.alloc(4096);

/**
 * The bytes of a request, good until the next one. A dump ends in NLMSG_DONE; of a single answer the acknowledgement tells the end.
 */
export function encodeRequest(request: NetlinkRequest, sequence: number): { readonly bytes: Uint8Array; readonly length: number } {
  buffer.writeUInt16LE(request.type, 4);
  buffer.writeUInt16LE(flag.request | (request.dump ? flag.dump : flag.acknowledge), 6);
  buffer.writeUInt32LE(sequence, 8);
  buffer.set(request.header, headerLength);
  let at = headerLength + padded(request.header.length);
  for (const [type, value] of request.attributes) {
    buffer.writeUInt16LE(4 + value.length, at);
    buffer.writeUInt16LE(type, at + 2);
    buffer.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  buffer.writeUInt32LE(at, 0);
  return { bytes: buffer, length: at };
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** One attribute of a request (struct nlattr). Strings end in NUL. */
export type RequestAttribute = readonly [type: number, value: string | Uint8Array];

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

/** A dump ends in NLMSG_DONE; of a single answer the acknowledgement tells the end. */
export function encodeRequest(request: NetlinkRequest, sequence: number): Uint8Array {
  const values = request.attributes.map(([type, value]) => [type, typeof value === 'string' ? Buffer.from(`${value}\0`) : value] as const);
  const length = values.reduce((sum, [, value]) => sum + 4 + padded(value.length), headerLength + padded(request.header.length));
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(request.type, 4);
  bytes.writeUInt16LE(flag.request | (request.dump ? flag.dump : flag.acknowledge), 6);
  bytes.writeUInt32LE(sequence, 8);
  bytes.set(request.header, headerLength);
  let at = headerLength + padded(request.header.length);
  for (const [type, value] of values) {
    bytes.writeUInt16LE(4 + value.length, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  return bytes;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Enough of netlink for the judge's own trace: it must not share a decoder with what it judges. */
export interface RawMessage {
  readonly type: number;
  /** nfgen_family. */
  readonly family: number;
  /** After struct nfgenmsg. */
  readonly body: Uint8Array;
}

export function rawMessages(bytes: Uint8Array): readonly RawMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: RawMessage[] = [];
  for (let at = 0; at + 20 <= bytes.length; ) {
    const length = view.getUint32(at, true);
    found.push({ type: view.getUint16(at + 4, true), family: view.getUint8(at + 16), body: bytes.subarray(at + 20, at + length) });
    at += (length + 3) & ~3;
  }
  return found;
}

export function attributesOf(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = new Map<number, Uint8Array>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, true);
    found.set(view.getUint16(at + 2, true) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += (Math.max(length, 4) + 3) & ~3;
  }
  return found;
}

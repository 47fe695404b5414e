/** Attributes of a message by type (struct nlattr). Of a type that comes twice the last one counts; `eachAttribute` sees all. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

/** NLA_F_NESTED and NLA_F_NET_BYTEORDER are flags in the type. */
const typeMask = 0x3fff;

/** Calls for each attribute in order. False where the bytes are no sequence of attributes. */
export function eachAttribute(bytes: Uint8Array, visit: (type: number, value: Uint8Array) => void): boolean {
  for (let offset = 0; offset + 4 <= bytes.length; ) {
    const length = (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8);
    if (length < 4 || offset + length > bytes.length) return false;
    const type = ((bytes[offset + 2] as number) | ((bytes[offset + 3] as number) << 8)) & typeMask;
    visit(type, bytes.subarray(offset + 4, offset + length));
    offset += (length + 3) & ~3;
  }
  return true;
}

/** Null where the bytes are no sequence of attributes. */
export function readAttributes(bytes: Uint8Array): Attributes | null {
  const found = new Map<number, Uint8Array>();
  return eachAttribute(bytes, (type, value) => found.set(type, value)) ? found : null;
}

/** nfnetlink's own numbers are in network order. Null for another length than four bytes. */
export function be32(value: Uint8Array | undefined): number | null {
  if (value === undefined || value.length !== 4) return null;
  return new DataView(value.buffer, value.byteOffset, 4).getUint32(0, false);
}

/** rtnetlink's numbers are in host order. */
export function le32(value: Uint8Array | undefined): number | null {
  if (value === undefined || value.length !== 4) return null;
  return new DataView(value.buffer, value.byteOffset, 4).getUint32(0, true);
}

/** A NUL-terminated string of bytes. */
export function textOfAttribute(value: Uint8Array | undefined): string | null {
  if (value === undefined) return null;
  const end = value.indexOf(0);
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
}

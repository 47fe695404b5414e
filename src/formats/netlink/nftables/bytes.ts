/** Numbers at an offset, read byte by byte: a DataView for each field would cost more than the field. Callers check bounds. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

export function u32(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
}

export function be16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export function be32(bytes: Uint8Array, at: number): number {
  return ((be16(bytes, at) << 16) | be16(bytes, at + 2)) >>> 0;
}

/** Above 2^53 the nearest number: such counters and rates are shown, not computed with. */
export function be64(bytes: Uint8Array, at: number): number {
  return be32(bytes, at) * 0x1_0000_0000 + be32(bytes, at + 4);
}

/** Attribute types carry two flags, NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
export function attributeType(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 2) & 0x3fff;
}

/** Length of the attribute at `at` with its header; 0 where none fits before `end`. */
export function attributeLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) return 0;
  const length = u16(bytes, at);
  return length < 4 || at + length > end ? 0 : length;
}

/** Calls for the value of each NFTA_LIST_ELEM between `start` and `end`; false where that is no list. */
export function eachListElement(bytes: Uint8Array, start: number, end: number, visit: (start: number, end: number) => void): boolean {
  for (let at = start; at < end; ) {
    const length = attributeLength(bytes, at, end);
    if (length === 0 || attributeType(bytes, at) !== 1) return false;
    visit(at + 4, at + length);
    at += (length + 3) & ~3;
  }
  return true;
}

/** The low `length` bytes of a number, most significant first (`network`) or last (`host`: listings are taken for little endian). */
export function bytesOf(value: bigint, length: number, order: 'network' | 'host'): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = 0; i < length; i++) {
    bytes[order === 'host' ? i : length - 1 - i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export function numberOfBytes(bytes: Uint8Array, order: 'network' | 'host'): bigint {
  let value = 0n;
  for (let i = 0; i < bytes.length; i++) value = (value << 8n) | BigInt(bytes[order === 'host' ? bytes.length - 1 - i : i] as number);
  return value;
}

/** Fields one behind the other, each padded to four bytes, as a concatenation stands in registers and set keys. */
export function concatenated(fields: readonly Uint8Array[]): Uint8Array {
  if (fields.length === 1) return fields[0] as Uint8Array;
  const bytes = new Uint8Array(fields.reduce((sum, field) => sum + padded(field.length), 0));
  let at = 0;
  for (const field of fields) {
    bytes.set(field, at);
    at += padded(field.length);
  }
  return bytes;
}

export function padded(length: number): number {
  return (length + 3) & ~3;
}

/** 32-bit registers that `length` bytes take. */
export function registersOf(length: number): number {
  return padded(length) / 4;
}

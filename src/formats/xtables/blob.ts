import type { Address, Family, Prefix } from '#facts/address.ts';
import { UnreadableValue } from '../iptables-save/values.ts';
import { addressAt, prefixAt } from './addresses.ts';

const decoder = new TextDecoder();

/** A C struct as the kernel stores it. Its reader has compared the length, so that no offset within the struct is out of bounds. */
export class Blob {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  part(from: number, to: number): Blob {
    return new Blob(this.bytes.subarray(from, to), this.littleEndian);
  }

  u8(offset: number): number {
    return this.#view.getUint8(offset);
  }

  u16(offset: number): number {
    return this.#view.getUint16(offset, this.littleEndian);
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, this.littleEndian);
  }

  i32(offset: number): number {
    return this.#view.getInt32(offset, this.littleEndian);
  }

  u64(offset: number): bigint {
    return this.#view.getBigUint64(offset, this.littleEndian);
  }

  /** Network order. */
  be16(offset: number): number {
    return this.#view.getUint16(offset, false);
  }

  /** Network order. */
  be32(offset: number): number {
    return this.#view.getUint32(offset, false);
  }

  /** The kernel xors inversions into a comparison's 0 or 1: another value than these would mean something else than "not". */
  not(offset: number): boolean {
    return flag(this.u8(offset));
  }

  not32(offset: number): boolean {
    return flag(this.u32(offset));
  }

  /** Bits of a mask of options. Bits that nobody told us of may be conditions. */
  bits8(offset: number, known: number): number {
    return knownBits(this.u8(offset), known);
  }

  bits16(offset: number, known: number): number {
    return knownBits(this.u16(offset), known);
  }

  bits32(offset: number, known: number): number {
    return knownBits(this.u32(offset), known);
  }

  /** A bit field of one byte: the first field is the lowest bit on little-endian machines, the highest on others. */
  bitField(offset: number, index: number): boolean {
    return (this.u8(offset) & (this.littleEndian ? 1 << index : 0x80 >> index)) !== 0;
  }

  /** Up to the first NUL byte. TextDecoder costs more than all else that a short name does. */
  text(offset: number, length: number): string {
    let end = offset;
    let isAscii = length <= 64;
    for (; end < offset + length && (this.bytes[end] ?? 0) !== 0; end++) if ((this.bytes[end] as number) >= 0x80) isAscii = false;
    const field = this.bytes.subarray(offset, end);
    return isAscii ? String.fromCharCode(...field) : decoder.decode(field);
  }

  address(offset: number, family: Family): Address {
    return addressAt(this.#view, offset, family);
  }

  prefix(offset: number, maskOffset: number, family: Family): Prefix {
    return prefixAt(this.#view, offset, maskOffset, family);
  }
}

function flag(value: number): boolean {
  if (value > 1) throw new UnreadableValue(`flag '${value}'`);
  return value === 1;
}

function knownBits(bits: number, known: number): number {
  if ((bits & ~known) !== 0) throw new UnreadableValue(`bits '0x${bits.toString(16)}'`);
  return bits;
}

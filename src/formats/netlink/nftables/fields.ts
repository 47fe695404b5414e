import type { NftRegister } from '#facts/nft.ts';
import { attributeLength, attributeType, be16, be32, be64, eachListElement } from './bytes.ts';
import type { Names } from './names.ts';

const highest = 31;
const none = new Uint8Array(0);

/**
 * The attributes of one nest, by type. One object serves many nests in turn (`open`). What is missing, has another size, or is of a type
 * that is not known here (it may change what the rest means) is noted in `problem`; the values read are worth nothing then.
 */
export class Fields {
  readonly bytes: Uint8Array;
  readonly names: Names;
  problem: string | null = null;
  readonly #start = new Int32Array(highest + 1);
  readonly #end = new Int32Array(highest + 1);

  constructor(bytes: Uint8Array, names: Names) {
    this.bytes = bytes;
    this.names = names;
  }

  /** The nest between `start` and `end`. `known`: the highest attribute type that is understood. */
  open(start: number, end: number, known: number): this {
    const { bytes } = this;
    this.problem = null;
    this.#start.fill(-1, 0, known + 1);
    for (let at = start; at < end; ) {
      const length = attributeLength(bytes, at, end);
      if (length === 0) return this.#fail('attributes that overlap their end');
      const type = attributeType(bytes, at);
      if (type > known) return this.#fail(`attribute ${type} is not known`);
      this.#start[type] = at + 4;
      this.#end[type] = at + length;
      at += (length + 3) & ~3;
    }
    return this;
  }

  #fail(problem: string): this {
    this.problem ??= problem;
    return this;
  }

  has(type: number): boolean {
    return (this.#start[type] as number) >= 0;
  }

  /** Start of a value; -1 where there is none, or where it is not of `size` bytes. */
  #value(type: number, size: number): number {
    const start = this.#start[type] as number;
    if (start >= 0 && (this.#end[type] as number) - start === size) return start;
    this.#fail(start < 0 ? `attribute ${type} is missing` : `attribute ${type} is not of ${size} bytes`);
    return -1;
  }

  u8(type: number): number {
    const at = this.#value(type, 1);
    return at < 0 ? 0 : (this.bytes[at] as number);
  }

  /** nfnetlink's numbers are in network order. */
  u16(type: number): number {
    const at = this.#value(type, 2);
    return at < 0 ? 0 : be16(this.bytes, at);
  }

  u32(type: number): number {
    const at = this.#value(type, 4);
    return at < 0 ? 0 : be32(this.bytes, at);
  }

  u64(type: number): number {
    const at = this.#value(type, 8);
    return at < 0 ? 0 : be64(this.bytes, at);
  }

  u32Or(type: number, otherwise: number): number {
    return this.has(type) ? this.u32(type) : otherwise;
  }

  /** One of `values` by its number. */
  oneOf<const T extends string>(type: number, values: readonly T[]): T {
    const number = this.u32(type);
    if (values[number] === undefined) this.#fail(`value ${number} of attribute ${type} is not known`);
    return values[number] ?? (values[0] as T);
  }

  /** Names of the bits that are set. */
  flags(type: number, names: Readonly<Record<number, string>>): readonly string[] {
    let rest = this.u32Or(type, 0);
    const found: string[] = [];
    for (const [bit, name] of Object.entries(names)) {
      if ((rest & Number(bit)) === 0) continue;
      if (name !== '') found.push(name);
      rest &= ~Number(bit);
    }
    if (rest !== 0) this.#fail(`flags 0x${(rest >>> 0).toString(16)} of attribute ${type} are not known`);
    return found;
  }

  /** enum nft_registers: 1 to 4 are 128 bits wide, 8 to 23 are words. */
  register(type: number): NftRegister {
    const number = this.u32(type);
    if (number >= 1 && number <= 4) return (number - 1) * 4;
    if (number >= 8 && number <= 23) return number - 8;
    this.#fail(`register ${number}`);
    return 0;
  }

  registerOrNull(type: number): NftRegister | null {
    return this.has(type) ? this.register(type) : null;
  }

  /** NFT_REG_VERDICT. */
  isVerdictRegister(type: number): boolean {
    return this.u32(type) === 0;
  }

  text(type: number): string {
    return this.has(type) ? this.names.at(this.bytes, this.#start[type] as number, this.#end[type] as number) : this.#missingText(type);
  }

  #missingText(type: number): string {
    this.#fail(`attribute ${type} is missing`);
    return '';
  }

  raw(type: number): Uint8Array {
    if (this.has(type)) return this.bytes.subarray(this.#start[type], this.#end[type]);
    this.#fail(`attribute ${type} is missing`);
    return none;
  }

  /** Where a nest's attributes stand. An empty range where it is missing. */
  range(type: number): { readonly start: number; readonly end: number } {
    if (this.has(type)) return { start: this.#start[type] as number, end: this.#end[type] as number };
    this.#fail(`attribute ${type} is missing`);
    return { start: 0, end: 0 };
  }

  /** The bytes of NFTA_DATA_VALUE in a nest. */
  data(type: number): Uint8Array {
    const start = this.#start[type] as number;
    const end = this.#end[type] as number;
    const length = start < 0 ? 0 : attributeLength(this.bytes, start, end);
    if (length > 4 && (length + 3) >> 2 === (end - start + 3) >> 2 && attributeType(this.bytes, start) === 1)
      return this.bytes.subarray(start + 4, start + length);
    this.#fail(`attribute ${type} holds no value`);
    return none;
  }

  /** Each element of a list; none where it is missing. */
  list(type: number, visit: (start: number, end: number) => void): void {
    if (!this.has(type)) return;
    const whole = eachListElement(this.bytes, this.#start[type] as number, this.#end[type] as number, visit);
    if (!whole) this.#fail(`attribute ${type} is no list`);
  }
}

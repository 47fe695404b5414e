import { wordMask } from './bytes.ts';

const count = 24;

/**
 * The register file of nf_tables (struct nft_regs): words whose first byte is the lowest, on every machine. Beside each word stands which of its
 * bits are known: what a snapshot does not tell is loaded without a value, and whoever compares it asks.
 */
export class Registers {
  readonly words = new Uint32Array(count);
  readonly known = new Uint32Array(count);
  /** Why bits are not known; null: chance, or state that no snapshot holds. */
  readonly because: (string | null)[] = new Array<string | null>(count).fill(null);

  set(at: number, word: number): void {
    this.words[at] = word;
    this.known[at] = 0xffffffff;
  }

  setPartly(at: number, word: number, known: number, because: string | null): void {
    this.words[at] = word & known;
    this.known[at] = known;
    this.because[at] = because;
  }

  /** Values longer than a word fill up the last one with zeros. */
  setUnknown(at: number, length: number, because: string | null): void {
    for (let i = 0; i * 4 < length; i++) this.setPartly(at + i, 0, ~wordMask(length, i) >>> 0, because);
  }

  setWords(at: number, words: Uint32Array): void {
    for (let i = 0; i < words.length; i++) this.set(at + i, words[i] as number);
  }

  isKnown(at: number, length: number): boolean {
    for (let i = 0; i * 4 < length; i++) if ((~(this.known[at + i] as number) & wordMask(length, i)) !== 0) return false;
    return true;
  }

  /** Why the first of the bits that are not known is not; undefined where all are. */
  reason(at: number, length: number): string | null | undefined {
    for (let i = 0; i * 4 < length; i++)
      if ((~(this.known[at + i] as number) & wordMask(length, i)) !== 0) return this.because[at + i] as string | null;
    return undefined;
  }

  byte(at: number, i: number): number {
    return ((this.words[at + (i >> 2)] as number) >>> ((i & 3) * 8)) & 0xff;
  }

  knownByte(at: number, i: number): number {
    return ((this.known[at + (i >> 2)] as number) >>> ((i & 3) * 8)) & 0xff;
  }
}

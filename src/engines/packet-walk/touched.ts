/** What a member of a hook read and wrote while it ran. Bits of the mark that it had written itself before it read them are no reads. */
export interface Touched {
  reads: number;
  markReads: number;
  writes: number;
  markWrites: number;
  /** The mark when it had run. */
  mark: number;
}

export function clear(touched: Touched): void {
  touched.reads = 0;
  touched.markReads = 0;
  touched.writes = 0;
  touched.markWrites = 0;
  touched.mark = 0;
}

export const untouched = (): Touched => ({ reads: 0, markReads: 0, writes: 0, markWrites: 0, mark: 0 });

const decoder = new TextDecoder();

/**
 * Strings of a dump by their bytes. The same few hundred names of expressions and chains come some hundred thousand times; a string
 * is made once for each.
 */
export class Names {
  readonly #known = new Map<number, string>();

  /** The string from `start`, without its NUL. */
  at(bytes: Uint8Array, start: number, end: number): string {
    let stop = end;
    let hash = 0;
    let plain = true;
    for (let i = start; i < stop; i++) {
      const byte = bytes[i] as number;
      if (byte === 0) stop = i;
      else hash = (Math.imul(hash, 31) + byte) | 0;
      if (byte > 127) plain = false;
    }
    if (!plain) return decoder.decode(bytes.subarray(start, stop));
    const found = this.#known.get(hash);
    if (found !== undefined && same(found, bytes, start, stop)) return found;
    const made = decoder.decode(bytes.subarray(start, stop));
    this.#known.set(hash, made);
    return made;
  }
}

function same(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

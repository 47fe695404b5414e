import type { CompiledSet, StrangeMember } from './compiled-set.ts';

/** Whether a member that is not understood may be one for the packet: none of its parts that are understood says no. */
export function couldFit({ parts }: StrangeMember, { layout, wanted }: CompiledSet): boolean {
  return parts.every((words, i) => {
    if (words === null) return true;
    const at = layout.offsets[i] as number;
    switch (layout.type.parts[i]) {
      case 'ip':
        return sameBits(words, wanted, { at, bits: layout.addressWords * 32 });
      case 'net':
        return sameBits(words, wanted, { at, bits: words[at + layout.addressWords] as number });
      case 'mac':
        return sameBits(words, wanted, { at, bits: 64 });
      case 'port':
      case 'bare-port':
      case 'mark':
        return words[at] === wanted[at];
      default:
        return true;
    }
  });
}

function sameBits(a: Uint32Array, b: Uint32Array, { at, bits }: { readonly at: number; readonly bits: number }): boolean {
  for (let i = 0; i * 32 < bits; i++) {
    const here = Math.min(32, bits - i * 32);
    if (((a[at + i] as number) ^ (b[at + i] as number)) >>> (32 - here) !== 0) return false;
  }
  return true;
}

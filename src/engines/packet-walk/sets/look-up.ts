import type { CompiledSet, Net } from './compiled-set.ts';
import { maskWords } from './member-words.ts';

/** Whether a member with the tuple fits, by what is not in the tuple. `counts`: it does not, but ends the search all the same. `open`: why nobody can tell. */
export type Fit = 'fits' | 'counts' | 'may count' | 'no' | { readonly open: string };

export interface Search {
  /** Of members whose tuple is the packet's: interfaces, learned MACs. */
  readonly compare: (member: number) => Fit;
  /** A member that expires may be gone, or does not meet a condition on counters: the search then goes on. */
  readonly isThere: (member: number) => boolean;
}

/** Where there is no second net. */
const single: readonly Net[] = [{ words: 0, bits: 0 }];

/** A member that was found, -1, or why nobody can tell. */
type Found = number | string;

const chance = "whether a member for a bridge port ends the search depends on the kernel's hash";

/**
 * The first member that fits, in the kernel's order (mtype_test and mtype_test_cidrs in ip_set_hash_gen.h): prefix lengths of the first net from
 * longest to shortest, inside each those of the second. `nomatch` members are found like others.
 */
export function lookUp(compiled: CompiledSet, search: Search): Found {
  const { layout, lengths, wanted, key } = compiled;
  const [first, second] = layout.nets;
  key.set(wanted);
  if (first === undefined) return findHere(compiled, key, search).found;
  const words = layout.addressWords;
  let maybeOver = false;
  for (const net of lengths[0] as readonly Net[]) {
    writeNet(key, first, net);
    if (second !== undefined) for (let i = 0; i < words; i++) key[second + i] = wanted[second + i] as number;
    for (const inner of second === undefined ? single : (lengths[1] as readonly Net[])) {
      if (second !== undefined) writeNet(key, second, inner);
      const { found, isOver } = findHere(compiled, key, search);
      if (found !== -1) return maybeOver ? chance : found;
      if (isOver === true) return -1;
      maybeOver ||= isOver === 'maybe';
    }
  }
  return -1;
}

/** Lengths become shorter, so that what is masked already can be masked further. */
function writeNet(key: Uint32Array, at: number, net: Net): void {
  maskWords(key, at, net);
  key[at + net.words] = net.bits;
}

interface Here {
  readonly found: Found;
  readonly isOver: boolean | 'maybe';
}
const nothing: Here = { found: -1, isOver: false };

/**
 * Members of one tuple. One of net,iface with the same net and another interface ends the search, so that shorter prefixes are not looked at (`multi` in
 * ip_set_hash_gen.h), unless one with this interface was passed over behind it.
 */
function findHere({ table, first, next }: CompiledSet, key: Uint32Array, { compare, isThere }: Search): Here {
  const number = table.find(key);
  if (number < 0) return nothing;
  let isOver: Here['isOver'] = false;
  for (let member = first[number] as number; member >= 0; member = next[member] as number) {
    const how = compare(member);
    if (how === 'fits') {
      if (isThere(member)) return { found: member, isOver: false };
      isOver = false;
    } else if (typeof how === 'object') return { found: how.open, isOver: false };
    else if (how === 'counts') isOver = true;
    else if (how === 'may count' && isOver === false) isOver = 'maybe';
  }
  return isOver === false ? nothing : { found: -1, isOver };
}

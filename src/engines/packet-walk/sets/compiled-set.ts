import { type Family, parseAddress } from '#facts/address.ts';
import type { IpSet, IpSetMember } from '#facts/ipset.ts';
import { type Layout, layoutOf } from './layout.ts';
import { maskWords, writePart } from './member-words.ts';
import { type Part, setTypes } from './set-type.ts';
import { TupleTable } from './tuple-table.ts';

/** A member that is not understood as a whole: the parts that are, each with the words of it; null: it may be anything. */
export interface StrangeMember {
  readonly text: string;
  readonly parts: readonly (Uint32Array | null)[];
}

/** How much of an address counts: its words, and the bits of them. */
export interface Net {
  readonly words: number;
  readonly bits: number;
}

/** An ipset of a type other than list:set, made ready for look-ups. */
export interface CompiledSet {
  readonly set: IpSet;
  readonly layout: Layout;
  readonly table: TupleTable;
  /** By number of a tuple: the first member that has it. */
  readonly first: Int32Array;
  /** By member: the next of the same tuple, in the order of the dump, which is the kernel's own within a tuple; -1: none. Only net,iface has several. */
  readonly next: Int32Array;
  /** Prefix lengths of each net, from longest to shortest. */
  readonly lengths: readonly (readonly Net[])[];
  /** What --netmask or --bitmask leave of an address; null: all. */
  readonly addressMask: Uint32Array | null;
  readonly markMask: number;
  /** Members have counters, which --packets-gt and such look at; without them such conditions hold (ip_set_match_extensions). */
  readonly hasCounters: boolean;
  /** Members may be gone by now. */
  readonly expires: boolean;
  /** Where tuples are the same there is nothing else to compare. */
  readonly isPlain: boolean;
  readonly strange: readonly StrangeMember[];
  /** The packet's words, at each look-up anew, and the tuple that is being looked for. */
  readonly wanted: Uint32Array;
  readonly key: Uint32Array;
}

/** Null: the type is none that the kernel has. A string: why it cannot be looked up. */
export function compileSet(set: IpSet): CompiledSet | string {
  const type = setTypes[set.type];
  if (type === undefined) return `ipset type ${set.type} is not modelled`;
  const layout = layoutOf(type, set.family ?? 'ip');
  const addressMask = addressMaskOf(set.options, layout);
  const markMask = markMaskOf(set.options);
  if (addressMask === undefined || markMask === undefined) return `ipset ${set.name} has options that are not understood: ${set.options}`;
  return {
    set,
    layout,
    wanted: new Uint32Array(layout.width),
    key: new Uint32Array(layout.width),
    addressMask,
    markMask,
    hasCounters: / counters( |$)/.test(` ${set.options}`),
    expires: / timeout /.test(` ${set.options}`),
    isPlain: !type.parts.some((part) => part === 'iface' || part === 'learned-mac'),
    ...membersOf(set.members, layout),
  };
}

function membersOf(list: readonly IpSetMember[], layout: Layout): Pick<CompiledSet, 'table' | 'first' | 'next' | 'lengths' | 'strange'> {
  const table = new TupleTable(layout.width, list.length);
  const key = new Uint32Array(layout.width);
  const first = new Int32Array(list.length).fill(-1);
  const last = new Int32Array(list.length);
  const next = new Int32Array(list.length).fill(-1);
  const lengths = layout.nets.map(() => new Set<number>());
  const strange: StrangeMember[] = [];
  for (const [index, { text }] of list.entries()) {
    if (!writeMember(text, layout, key)) {
      strange.push(strangeMember(text, layout));
      continue;
    }
    for (const [i, at] of layout.nets.entries()) lengths[i]?.add(key[at + layout.addressWords] as number);
    const number = table.add(key);
    if (first[number] === -1) first[number] = index;
    else next[last[number] as number] = index;
    last[number] = index;
  }
  return {
    table,
    first,
    next,
    strange,
    lengths: lengths.map((each) => [...each].toSorted((a, b) => b - a).map((bits) => ({ words: layout.addressWords, bits }))),
  };
}

function writeMember(text: string, layout: Layout, key: Uint32Array): boolean {
  const { parts } = layout.type;
  let start = 0;
  for (let i = 0; i < parts.length; i++) {
    const comma = i === parts.length - 1 ? -1 : text.indexOf(',', start);
    const own = start === 0 && comma < 0 ? text : comma < 0 ? text.slice(start) : text.slice(start, comma);
    if (!writePart(parts[i] as Part, own, layout, key, layout.offsets[i] as number)) return false;
    start = comma < 0 ? text.length : comma + 1;
  }
  return start === text.length;
}

function strangeMember(text: string, layout: Layout): StrangeMember {
  const { parts } = layout.type;
  const texts = text.split(',');
  if (texts.length !== parts.length) return { text, parts: parts.map(() => null) };
  return {
    text,
    parts: parts.map((part, i) => {
      const key = new Uint32Array(layout.width);
      return writePart(part, texts[i] as string, layout, key, layout.offsets[i] as number) ? key : null;
    }),
  };
}

/** `netmask 24`, or `bitmask 255.0.255.0` (from Linux 6.2). Undefined: not understood. */
function addressMaskOf(options: string, { addressWords, family }: Layout): Uint32Array | null | undefined {
  const [, kind, value] = /(?:^| )(netmask|bitmask) (\S+)/.exec(options) ?? [];
  if (kind === undefined || value === undefined) return null;
  if (kind === 'bitmask') return bitmask(value, family);
  const bits = /^\d{1,3}$/.test(value) ? Number(value) : Number.NaN;
  if (!(bits >= 0 && bits <= addressWords * 32)) return undefined;
  const mask = new Uint32Array(addressWords).fill(0xffffffff);
  maskWords(mask, 0, { words: addressWords, bits });
  return mask;
}

function bitmask(text: string, family: Family): Uint32Array | undefined {
  const address = parseAddress(text);
  return address?.family === family ? Uint32Array.from(address.words) : undefined;
}

function markMaskOf(options: string): number | undefined {
  const text = /(?:^| )markmask (\S+)/.exec(options)?.[1];
  if (text === undefined) return 0xffffffff;
  return /^0x[0-9a-f]{1,8}$/i.test(text) ? Number(text) : undefined;
}

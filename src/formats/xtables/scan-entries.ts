import type { Family } from '#facts/address.ts';
import type { Hook } from '#facts/rule.ts';
import type { Blob } from './blob.ts';
import { entryLayouts, extensionHeader } from './entry-layout.ts';
import { unconditionalVerdict } from './entry-target.ts';
import type { LegacyChainPlace } from './legacy-chain.ts';

/** struct ipt_getinfo: where each hook's chain begins, and where its policy stands. */
export interface HookPlace {
  readonly hook: Hook;
  readonly entry: number;
  readonly underflow: number;
}

export interface ScannedEntries {
  readonly chains: readonly LegacyChainPlace[];
  readonly chainStarts: ReadonlyMap<number, string>;
}

interface OpenChain {
  readonly name: string;
  readonly hook: HookPlace | null;
  readonly start: number;
  readonly line: number;
  last: number;
  entries: number;
}

const returns = -5;
const policies: Readonly<Record<number, 'ACCEPT' | 'DROP'>> = { [-1]: 'DROP', [-2]: 'ACCEPT' };

/** A table's entries that are no table. */
export interface Broken {
  readonly found: string;
  readonly expected: string;
}

/**
 * One pass over the entries of a table. A hook's chain runs from its entry to its underflow, which is its policy. A user-defined chain begins
 * with an ERROR target that holds its name and ends with a RETURN for every packet; an ERROR target ends the table (libiptc lays them out so).
 */
export class EntryScan {
  readonly #entries: Blob;
  readonly #family: Family;
  readonly #hooks: ReadonlyMap<number, HookPlace>;
  readonly #hookCount: number;
  readonly #chains: LegacyChainPlace[] = [];
  readonly #starts = new Map<number, string>();
  readonly #names = new Set<string>();
  #open: OpenChain | null = null;
  #rules = 0;

  constructor(entries: Blob, family: Family, hooks: readonly HookPlace[]) {
    this.#entries = entries;
    this.#family = family;
    this.#hookCount = hooks.length;
    this.#hooks = new Map(hooks.map((place) => [place.entry, place]));
  }

  run(): ScannedEntries | Broken {
    if (this.#hooks.size < this.#hookCount) return { found: 'two hooks with one chain', expected: 'a chain for each' };
    let seen = 0;
    for (let offset = 0; offset < this.#entries.bytes.length; ) {
      const size = this.#sizeAt(offset);
      if (size === null) return { found: `an entry at byte ${offset} that does not fit`, expected: 'whole entries' };
      const broken = this.#take(offset, size);
      if (broken !== null) return broken;
      if (this.#hooks.has(offset)) seen++;
      offset += size;
    }
    if (this.#open !== null) return { found: `the end of the table in chain '${this.#open.name}'`, expected: 'an ERROR target' };
    if (seen < this.#hooks.size) return { found: 'a hook that begins within an entry', expected: 'hooks that begin with one' };
    return { chains: this.#chains, chainStarts: this.#starts };
  }

  /** Size of the entry, when it, its matches and its target lie where they say. */
  #sizeAt(offset: number): number | null {
    const entries = this.#entries;
    const layout = entryLayouts[this.#family];
    if (offset + layout.size > this.#entries.bytes.length) return null;
    const target = entries.u16(offset + layout.targetOffset);
    const next = entries.u16(offset + layout.nextOffset);
    if (target < layout.size || target + extensionHeader.size > next || offset + next > this.#entries.bytes.length) return null;
    const targetSize = entries.u16(offset + target);
    return targetSize >= extensionHeader.size && target + targetSize <= next ? next : null;
  }

  #take(offset: number, size: number): Broken | null {
    const hook = this.#hooks.get(offset);
    const header = chainName(this.#entries, offset + this.#entries.u16(offset + entryLayouts[this.#family].targetOffset));
    if (hook !== undefined || header !== null) {
      const broken = this.#close();
      if (broken !== null) return broken;
    }
    if (header !== null) {
      if (hook !== undefined) return { found: `hook ${hook.hook} at an ERROR target`, expected: 'a rule' };
      if (offset + size === this.#entries.bytes.length) return null;
      this.#begin(header, null, offset + size);
      return null;
    }
    if (hook !== undefined) this.#begin(hook.hook.toUpperCase(), hook, offset);
    if (this.#open === null)
      return { found: `an entry at byte ${offset} outside any chain`, expected: 'a hook or an ERROR target before it' };
    this.#open.last = offset;
    this.#open.entries++;
    return null;
  }

  #begin(name: string, hook: HookPlace | null, start: number): void {
    this.#open = { name, hook, start, line: this.#rules + 1, last: -1, entries: 0 };
  }

  #close(): Broken | null {
    const chain = this.#open;
    if (chain === null) return null;
    this.#open = null;
    const { name, hook, start, line, last, entries } = chain;
    const verdict = entries === 0 ? null : unconditionalVerdict(this.#entries, last, this.#family);
    const policy = verdict === null || hook === null ? undefined : policies[verdict];
    if (hook !== null && (policy === undefined || last !== hook.underflow))
      return { found: `chain '${name}' without a policy at its end`, expected: 'ACCEPT or DROP for every packet' };
    if (hook === null && verdict !== returns) return { found: `chain '${name}' without an end`, expected: 'RETURN for every packet' };
    if (this.#names.has(name)) return { found: `chain '${name}' twice`, expected: 'each chain once' };
    if (hook === null) this.#starts.set(start, name);
    const counters = hook === null ? { packets: 0, bytes: 0 } : this.#countersAt(last);
    this.#names.add(name);
    this.#chains.push({ name, policy: policy ?? null, ...counters, line, start, ruleCount: entries - 1 });
    this.#rules += entries - 1;
    return null;
  }

  #countersAt(offset: number): { readonly packets: number; readonly bytes: number } {
    const at = entryLayouts[this.#family].counters;
    return { packets: Number(this.#entries.u64(offset + at)), bytes: Number(this.#entries.u64(offset + at + 8)) };
  }
}

/** The name that an ERROR target holds; null for other targets. */
function chainName(blob: Blob, at: number): string | null {
  if (blob.u8(at + extensionHeader.name) !== 0x45 || blob.text(at + extensionHeader.name, extensionHeader.nameLength) !== 'ERROR')
    return null;
  const length = Math.min(blob.u16(at) - extensionHeader.size, 30);
  return length <= 0 ? null : blob.text(at + extensionHeader.size, length);
}

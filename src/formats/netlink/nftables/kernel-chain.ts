import type { NftChain, NftHook, NftRule } from '#facts/nft.ts';
import { jumpsOf } from './jumps.ts';
import { KernelRule } from './kernel-rule.ts';
import type { TableContext } from './table.ts';

/** What a chain's own message tells of it. */
export type ChainHead = Pick<NftChain, 'name' | 'handle' | 'base' | 'policy' | 'packets' | 'bytes'>;

/** A chain that keeps where its rules' messages stand. */
export class KernelChain implements NftChain {
  readonly name: string;
  readonly handle: number;
  readonly base: NftHook | null;
  readonly policy: 'accept' | 'drop' | null;
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly line: number;
  readonly #table: TableContext;
  readonly #offsets: number[] = [];
  #rules: readonly NftRule[] | null = null;
  #jumps: readonly string[] | null | undefined;

  constructor(head: ChainHead, table: TableContext) {
    this.name = head.name;
    this.handle = head.handle;
    this.base = head.base;
    this.policy = head.policy;
    this.packets = head.packets;
    this.bytes = head.bytes;
    this.line = head.handle;
    this.#table = table;
  }

  /** Only the reader of the messages calls this, before anyone asks for rules. */
  add(offset: number): void {
    this.#offsets.push(offset);
  }

  get ruleCount(): number {
    return this.#offsets.length;
  }

  get rules(): readonly NftRule[] {
    this.#rules ??= this.#offsets.map((offset, index) => new KernelRule(index + 1, offset, this.#table));
    return this.#rules;
  }

  get jumps(): readonly string[] | null {
    if (this.#jumps === undefined) this.#jumps = jumpsOf(this.#offsets, this.#table);
    return this.#jumps;
  }
}

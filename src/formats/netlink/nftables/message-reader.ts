import type { NftFamily } from '#facts/nft.ts';
import type { SetNames } from '../../xtables/index.ts';
import { u32 } from './bytes.ts';
import { ExpressionReader } from './expressions/index.ts';
import { Fields } from './fields.ts';
import { readFlowtable } from './flowtable.ts';
import { readHook } from './hook.ts';
import { type ChainHead, KernelChain } from './kernel-chain.ts';
import { KernelSet, readSetHead } from './kernel-set.ts';
import { families } from './keys.ts';
import { Names } from './names.ts';
import { RuleRun } from './rule-run.ts';
import type { OpenTable } from './table.ts';

type Table = OpenTable<KernelChain, KernelSet>;

/** NFT_MSG_*. */
const kind = { table: 0, chain: 3, rule: 6, set: 9, elements: 12, generation: 15, object: 18, flowtable: 22 } as const;
/** NFT_TABLE_F_*: DORMANT 1, OWNER 2, PERSIST 4. */
const dormant = 1;
const knownTableFlags = 7;
/** Of nfgenmsg in a message, and of the attributes behind it. */
const familyAt = 16;
const bodyStart = 20;

/** Takes messages one by one. Each method answers why a message cannot be read, or null. */
export class MessageReader {
  readonly tables: Table[] = [];
  readonly unreadable: { family: NftFamily; table: string; because: string }[] = [];
  generation: number | null = null;
  readonly #bytes: Uint8Array;
  readonly #setNames: SetNames;
  readonly #names = new Names();
  readonly #fields: Fields;
  readonly #readers = new Map<NftFamily, ExpressionReader>();
  readonly #byName = new Map<string, Table>();
  readonly #run: RuleRun;

  constructor(bytes: Uint8Array, setNames: SetNames) {
    this.#bytes = bytes;
    this.#setNames = setNames;
    this.#fields = new Fields(bytes, this.#names);
    this.#run = new RuleRun(bytes);
  }

  read(type: number, offset: number): string | null {
    const family = families[this.#bytes[offset + familyAt] as number];
    if (type === kind.generation) return this.#generation(offset);
    if (family === undefined) return `family ${this.#bytes[offset + familyAt]}`;
    switch (type) {
      case kind.table:
        return this.#table(offset, family);
      case kind.chain:
        return this.#chain(offset, family);
      case kind.rule:
        return this.#rule(offset, family);
      case kind.set:
        return this.#set(offset, family);
      case kind.elements:
        return this.#elements(offset, family);
      case kind.flowtable:
        return this.#flowtable(offset, family);
      case kind.object:
        return null;
      default:
        return `message ${type} of nf_tables`;
    }
  }

  #open(offset: number, known: number): Fields {
    return this.#fields.open(offset + bodyStart, offset + u32(this.#bytes, offset), known);
  }

  /** NFTA_GEN_ID 1. */
  #generation(offset: number): string | null {
    const generation = this.#open(offset, 3).u32(1);
    if (this.#fields.problem !== null) return `a generation with ${this.#fields.problem}`;
    if (this.generation !== null && this.generation !== generation) return `generation ${generation} after ${this.generation}`;
    this.generation = generation;
    return null;
  }

  /** NFTA_TABLE_NAME 1, FLAGS 2, HANDLE 4. */
  #table(offset: number, family: NftFamily): string | null {
    const fields = this.#open(offset, 7);
    const name = fields.text(1);
    const flags = fields.u32Or(2, 0);
    const handle = fields.has(4) ? fields.u64(4) : 0;
    if (fields.problem !== null) return `a table with ${fields.problem}`;
    if (this.#byName.has(`${family} ${name}`)) return `table ${family} ${name} once more`;
    const chains = new Map<string, KernelChain>();
    const sets = new Map<string, KernelSet>();
    const shared = { bytes: this.#bytes, family, table: name, littleEndian: true, names: this.#names, reader: this.#reader(family) };
    const context = { ...shared, chains, sets };
    const table: Table = { family, name, dormant: (flags & dormant) !== 0, chains, sets, flowtables: [], line: handle, context };
    this.#byName.set(`${family} ${name}`, table);
    this.tables.push(table);
    return (flags & ~knownTableFlags) === 0 ? null : this.#giveUp(table, `table flags 0x${flags.toString(16)} are not known`);
  }

  #reader(family: NftFamily): ExpressionReader {
    const found =
      this.#readers.get(family) ??
      new ExpressionReader({ family, littleEndian: true, setNames: this.#setNames, bytes: this.#bytes, names: this.#names });
    this.#readers.set(family, found);
    return found;
  }

  #tableOf(family: NftFamily, name: string): Table | undefined {
    return this.#byName.get(`${family} ${name}`);
  }

  /** NFTA_CHAIN_TABLE 1, HANDLE 2, NAME 3, HOOK 4, POLICY 5 (NF_DROP 0, NF_ACCEPT 1), TYPE 7, COUNTERS 8. */
  #chain(offset: number, family: NftFamily): string | null {
    const fields = this.#open(offset, 12);
    const name = fields.text(3);
    const table = this.#tableOf(family, fields.text(1));
    const handle = fields.has(2) ? fields.u64(2) : 0;
    const policy = fields.has(4) ? (fields.u32Or(5, 1) === 0 ? 'drop' : 'accept') : null;
    const ranges = { hook: fields.has(4) ? fields.range(4) : null, counters: fields.has(8) ? fields.range(8) : null };
    const type = ranges.hook === null ? '' : fields.text(7);
    if (fields.problem !== null) return `a chain with ${fields.problem}`;
    if (table === undefined) return `chain ${name} of a table that is not there`;
    if (table.chains.has(name)) return `chain ${name} once more`;
    const counters = ranges.counters === null ? { packets: null, bytes: null } : this.#counters(ranges.counters);
    const base = ranges.hook === null ? null : readHook(this.#fields.open(ranges.hook.start, ranges.hook.end, 4), { family, type });
    if (ranges.hook !== null && base === null) return this.#giveUp(table, `chain ${name} is at a hook that is not known`);
    const head: ChainHead = { name, handle, base, policy, ...counters };
    table.chains.set(name, new KernelChain(head, table.context));
    return null;
  }

  /** NFTA_COUNTER_BYTES 1, NFTA_COUNTER_PACKETS 2. */
  #counters(range: { readonly start: number; readonly end: number }): { packets: number | null; bytes: number | null } {
    const fields = this.#fields.open(range.start, range.end, 3);
    const found = { packets: fields.u64(2), bytes: fields.u64(1) };
    return fields.problem === null ? found : { packets: null, bytes: null };
  }

  /** What a table holds is not known as a whole: whatever follows of it is let go. */
  #giveUp(table: Table, because: string): null {
    const { family, name } = table;
    if (!this.unreadable.some((known) => known.family === family && known.table === name))
      this.unreadable.push({ family, table: name, because });
    return null;
  }

  /** NFTA_RULE_TABLE 1, NFTA_RULE_CHAIN 2. */
  #rule(offset: number, family: NftFamily): string | null {
    if (this.#run.add(offset)) return null;
    const fields = this.#open(offset, 11);
    const table = fields.text(1);
    const name = fields.text(2);
    const found = this.#tableOf(family, table);
    const chain = found?.chains.get(name);
    if (found !== undefined && chain === undefined && this.#isGivenUp(found)) return null;
    if (chain === undefined) return `a rule of chain '${name}' of table '${family} ${table}', which is not there`;
    this.#run.start(offset, chain);
    return null;
  }

  #isGivenUp({ family, name }: Table): boolean {
    return this.unreadable.some((known) => known.family === family && known.table === name);
  }

  #set(offset: number, family: NftFamily): string | null {
    const fields = this.#open(offset, 31);
    const table = this.#tableOf(family, fields.text(1));
    const head = readSetHead(fields);
    if (table === undefined) return 'a set of a table that is not there';
    if (head === null) return this.#giveUp(table, `a set cannot be read: ${fields.problem ?? 'flags or fields that are not known'}`);
    if (table.sets.has(head.name)) return `set ${head.name} once more`;
    table.sets.set(head.name, new KernelSet(head, table.context));
    return null;
  }

  /** NFTA_SET_ELEM_LIST_TABLE 1, LIST_SET 2, LIST_ELEMENTS 3. */
  #elements(offset: number, family: NftFamily): string | null {
    const fields = this.#open(offset, 4);
    const table = this.#tableOf(family, fields.text(1));
    const name = fields.text(2);
    if (fields.problem !== null) return `elements with ${fields.problem}`;
    const set = table?.sets.get(name);
    if (table !== undefined && set === undefined && this.#isGivenUp(table)) return null;
    if (set === undefined) return `elements of set '${name}', which is not there`;
    if (fields.has(3)) set.add(fields.range(3));
    return null;
  }

  #flowtable(offset: number, family: NftFamily): string | null {
    const fields = this.#open(offset, 8);
    const table = this.#tableOf(family, fields.text(1));
    if (table === undefined) return 'a flowtable of a table that is not there';
    const flowtable = readFlowtable(fields);
    if (flowtable === null) return this.#giveUp(table, 'a flowtable cannot be read');
    table.flowtables.push(flowtable);
    return null;
  }
}

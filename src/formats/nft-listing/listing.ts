import type { NftFamily, NftHook, NftRuleset } from '#facts/nft.ts';
import { type JsonObject, numberOf, objectOf, textOf } from '../json-fields.ts';
import type { Scan } from './jumps.ts';
import type { RulePlace, RuleReader } from './listed-chain.ts';
import { ListedTable } from './listed-table.ts';
import { flagsOf } from './operands.ts';

const families: readonly NftFamily[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

/** Gathers what stands in a listing, in its order. Whatever does not fit together makes its table unreadable. */
export class Listing {
  readonly #tables = new Map<string, ListedTable>();
  readonly #unreadable = new Map<string, NftRuleset['unreadable'][number]>();
  readonly #reader: RuleReader;

  constructor(reader: RuleReader) {
    this.#reader = reader;
  }

  addTable(table: JsonObject, line: number): void {
    const family = families.find((each) => each === table['family']);
    const name = textOf(table['name']);
    if (family === undefined || name === null || this.#tables.has(`${family} ${name}`))
      return this.#refuse(table, name, 'a table twice, or of unknown family');
    const listed = new ListedTable(family, name, { line, reader: this.#reader });
    this.#tables.set(`${family} ${name}`, listed);
    const flags = flagsOf(table['flags']);
    listed.dormant = flags.includes('dormant');
    // nft 1.0.6 prints the table's name in the place of its flags.
    const unknown = flags.find((flag) => !['dormant', 'owner', 'persist'].includes(flag));
    if (unknown !== undefined) this.#refuse(table, name, `the listing does not name its flags: it may be dormant`);
  }

  addChain(chain: JsonObject, line: number): void {
    const table = this.#tableOf(chain);
    const name = textOf(chain['name']);
    if (table === null || name === null) return this.#refuse(chain, textOf(chain['table']), 'a chain of no table');
    const base = hookOf(chain);
    if (base === 'unknown') return this.#refuse(chain, table.name, `hook of chain ${name}`);
    const policy = base === null ? null : chain['policy'] === 'drop' ? 'drop' : 'accept';
    const added = table.addChain({ name, handle: numberOf(chain['handle']) ?? 0, base, policy, line });
    if (added === null) this.#refuse(chain, table.name, `chain ${name} twice`);
  }

  addSet(set: JsonObject, place: { readonly line: number; readonly start: number; readonly end: number }): void {
    const table = this.#tableOf(set);
    if (table === null || textOf(set['name']) === null) return this.#refuse(set, textOf(set['table']), 'a set of no table');
    table.addSet(set, place);
  }

  addFlowtable(flowtable: JsonObject): void {
    const table = this.#tableOf(flowtable);
    const name = textOf(flowtable['name']);
    if (table === null || name === null) return this.#refuse(flowtable, textOf(flowtable['table']), 'a flowtable of no table');
    table.flowtables.push({ name, devices: flagsOf(flowtable['dev']), priority: numberOf(flowtable['prio']) ?? 0 });
  }

  /** The rule itself is read when it is compiled. */
  addRule(rule: JsonObject, scan: Scan, place: RulePlace): void {
    const table = this.#tableOf(rule);
    const chain = table?.chains.get(textOf(rule['chain']) ?? '');
    if (table === null || chain === undefined) return this.#refuse(rule, textOf(rule['table']), 'a rule of no chain');
    chain.addRule(place);
    for (const target of scan.jumps) chain.addJump(target);
    for (const map of scan.maps) chain.addMap(map);
    for (const set of scan.changed) table.markDynamic(set);
  }

  refuseTable(family: NftFamily, table: string, because: string): void {
    this.#unreadable.set(`${family} ${table}`, { family, table, because });
  }

  finish(source: string, origin: 'json' | 'text'): NftRuleset {
    return {
      source,
      origin,
      littleEndian: true,
      generation: null,
      tables: [...this.#tables.values()],
      unreadable: [...this.#unreadable.values()],
    };
  }

  #tableOf(item: JsonObject): ListedTable | null {
    return this.#tables.get(`${textOf(item['family'])} ${textOf(item['table'])}`) ?? null;
  }

  #refuse(item: JsonObject, table: string | null, because: string): void {
    const family = families.find((each) => each === item['family']) ?? 'inet';
    this.refuseTable(family, table ?? '', because);
  }
}

const hooks: readonly NftHook['hook'][] = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress', 'egress'];
const types: readonly NftHook['type'][] = ['filter', 'nat', 'route'];

function hookOf(chain: JsonObject): NftHook | null | 'unknown' {
  if (chain['hook'] === undefined) return null;
  const hook = hooks.find((each) => each === chain['hook']);
  const type = types.find((each) => each === chain['type']);
  const priority = numberOf(chain['prio']);
  if (hook === undefined || type === undefined || priority === null) return 'unknown';
  return { hook, type, priority, devices: flagsOf(chain['dev'] ?? objectOf(chain)['devices']) };
}

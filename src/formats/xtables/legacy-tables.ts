import type { Family } from '#facts/address.ts';
import { failed, ok, type Problem, type Result } from '#facts/result.ts';
import type { Chain, Hook, Ruleset, Table } from '#facts/rule.ts';
import { type NetlinkMessage, readMessages } from '../netlink/message.ts';
import { shown } from '../shown.ts';
import { Blob } from './blob.ts';
import type { EntryTable } from './entry-table.ts';
import { LegacyChain } from './legacy-chain.ts';
import type { SetNames } from './module.ts';
import { EntryScan, type HookPlace } from './scan-entries.ts';

export interface LegacySource {
  readonly family: Family;
  /** Path in the snapshot. */
  readonly source: string;
  /** Rules name ipsets by number; without the names such rules are unmodelled. */
  readonly setNames?: SetNames;
  /** Of the node; true where absent. */
  readonly littleEndian?: boolean;
}

/** Types of the messages that frame the kernel's answers. */
const framed = { info: 1, entries: 2 } as const;

/** struct ipt_getinfo and ip6t_getinfo, struct ipt_get_entries and ip6t_get_entries (the entries stand aligned to eight). */
const infoLayout = { nameLength: 32, validHooks: 32, hookEntry: 36, underflow: 56, size: 80, length: 84 } as const;
const entriesLayout = { size: 32, entries: 40 } as const;

const hooks: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/**
 * Reads the tables of x_tables as the kernel gave them (IPT_SO_GET_INFO and IPT_SO_GET_ENTRIES, a pair a table). Entries are scanned once;
 * a chain's rules are decoded when it is first looked at. `line` of a rule is its number in its table.
 */
export function readLegacyTables(bytes: Uint8Array, of: LegacySource): Result<Ruleset> {
  const messages = readMessages(bytes, of.source);
  if (!messages.ok) return messages;
  const tables = new Map<string, Table>();
  let info: NetlinkMessage | null = null;
  for (const message of messages.value) {
    if (message.type === framed.info && info === null) {
      info = message;
      continue;
    }
    if (message.type !== framed.entries || info === null)
      return failed(problem(of, `message ${message.type}`, 'info and entries in pairs'));
    const table = readTable(info.body, message.body, of);
    if ('found' in table) return failed(problem(of, table.found, table.expected));
    if (tables.has(table.name)) return failed(problem(of, `table '${table.name}' twice`, 'each table once'));
    tables.set(table.name, table);
    info = null;
  }
  if (info !== null) return failed(problem(of, 'info without entries', 'info and entries in pairs'));
  return ok({ backend: 'legacy', family: of.family, source: of.source, tables, unreadable: [] });
}

function problem({ source }: LegacySource, found: string, expected: string): Problem {
  return { code: 'legacy-table-unreadable', source, found: shown(found), expected };
}

interface Wrong {
  readonly found: string;
  readonly expected: string;
}

function readTable(info: Uint8Array, answer: Uint8Array, of: LegacySource): Table | Wrong {
  const { family, littleEndian = true, setNames = new Map() } = of;
  if (info.length < infoLayout.length || answer.length < entriesLayout.entries)
    return { found: `${info.length} and ${answer.length} bytes`, expected: 'struct ipt_getinfo and struct ipt_get_entries' };
  const blob = new Blob(info, littleEndian);
  const name = blob.text(0, infoLayout.nameLength);
  const size = blob.u32(infoLayout.size);
  const whole = new Blob(answer, littleEndian);
  const entries = whole.part(entriesLayout.entries, entriesLayout.entries + size);
  if (entries.bytes.length !== size || whole.u32(entriesLayout.size) !== size)
    return { found: `${entries.bytes.length} bytes of entries of table '${name}'`, expected: `${size} bytes` };
  const scanned = new EntryScan(entries, family, hookPlaces(blob)).run();
  if ('found' in scanned) return { found: `${scanned.found} in table '${name}'`, expected: scanned.expected };
  const table: EntryTable = { entries, family, setNames, chainStarts: scanned.chainStarts };
  return { name, chains: new Map<string, Chain>(scanned.chains.map((place) => [place.name, new LegacyChain(place, table)])) };
}

function hookPlaces(info: Blob): readonly HookPlace[] {
  return hooks.flatMap((hook, index) => {
    if (((info.u32(infoLayout.validHooks) >>> index) & 1) === 0) return [];
    return [{ hook, entry: info.u32(infoLayout.hookEntry + index * 4), underflow: info.u32(infoLayout.underflow + index * 4) }];
  });
}

import type { PacketOut, PacketWalk, WalkStep } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { PacketFate, Trace, TraceEvent } from './scene.ts';

interface Place {
  readonly backend: 'legacy' | 'nft';
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** Null: the chain's policy. */
  readonly rule: number | null;
}

const words = ({ backend, family, table, chain, rule }: Place): string => `${backend} ${family} ${table} ${chain} ${rule ?? 'policy'}`;

/** Matches and maps whose outcome depends on chance, on counters, or on what the walk does not model and calls open. */
const open =
  /statistic|limit|recent|quota|numgen|random|-m (time|helper|socket|owner|physdev|mac)|list:set|--match-set (list|both|bit|bp|mk)|return-nomatch|--pol |ctstatus|dynset|@seen|QUEUE|TPROXY|socket|skuid/;

/** Says what of the kernel's own trace of a request differs from the walk: rules that matched, who decided, the mark at the end. Null: nothing. */
export class TraceJudge {
  readonly #snapshot: Snapshot;
  readonly #numbers = new Map<string, ReadonlyMap<number, number>>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  difference({ request, trace }: PacketFate, { request: leg, blame }: PacketWalk): string | null {
    if (trace === undefined || leg.verdict === 'undecided' || (leg.outcomes?.length ?? 0) > 1) return null;
    const seen = this.#places(trace);
    if (endsAtEqualPriority(seen.at(-1), blame)) return null;
    const found =
      (request.kind === 'dropped' ? blameDiffers(seen, blame) : null) ??
      rulesDiffer(seen, leg.steps, request.kind === 'rejected') ??
      (request.kind === 'delivered' ? markDiffers(trace, leg.out) : null);
    return found === null || this.#isOpen(seen, leg.steps) ? null : found;
  }

  /** A walk may show one way of several that end alike: where chance or state has a say, the kernel may take another. */
  #isOpen(seen: readonly Place[], steps: readonly WalkStep[]): boolean {
    return [...steps.map(({ text }) => text), ...seen.map((each) => this.#textOf(each))].some((text) => open.test(text));
  }

  #textOf({ backend, family, table, chain, rule }: Place): string {
    if (rule === null) return '';
    const rules = backend === 'nft' ? this.#nftRules(family, table, chain) : this.#legacyRules(family, table, chain);
    return rules[rule - 1]?.text ?? '';
  }

  #nftRules(
    family: string,
    table: string,
    chain: string,
  ): readonly { readonly text: string; readonly handle: number; readonly index: number }[] {
    const rules = this.#snapshot.kernelRules.nft;
    const tables = rules.kind === 'read' ? rules.value.tables : [];
    return tables.find((each) => each.family === family && each.name === table)?.chains.get(chain)?.rules ?? [];
  }

  #legacyRules(family: string, table: string, chain: string): readonly { readonly text: string }[] {
    const rules = this.#snapshot.kernelRules.legacy[family === 'ip6' ? 'ip6' : 'ip'];
    return (rules.kind === 'read' ? rules.value.tables.get(table)?.chains.get(chain)?.rules : undefined) ?? [];
  }

  /** Ends of chains that only return are left out. */
  #places({ events }: Trace): readonly Place[] {
    return events.flatMap((event) => {
      if (event.backend === 'nft') return this.#nftPlace(event);
      return this.#legacyPlace(event);
    });
  }

  #nftPlace(event: TraceEvent): readonly Place[] {
    if (event.rule === null) return event.verdict.startsWith('policy') ? [{ ...event, rule: null }] : [];
    return [{ ...event, rule: this.#numbersOf(event).get(event.rule) ?? -event.rule }];
  }

  /** The kernel calls a rule without conditions that ends a chain its policy or its return; the number tells (get_chainname_rulenum, ip_tables.c). */
  #legacyPlace(event: TraceEvent): readonly Place[] {
    const { length } = this.#legacyRules(event.family, event.table, event.chain);
    const isEnd = event.rule === null || event.rule > length;
    if (!isEnd) return [event];
    return event.verdict === 'policy' ? [{ ...event, rule: null }] : [];
  }

  #numbersOf({ family, table, chain }: TraceEvent): ReadonlyMap<number, number> {
    const key = `${family} ${table} ${chain}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const found = this.#nftRules(family, table, chain);
    const numbers = new Map(found.map(({ handle, index }) => [handle, index]));
    this.#numbers.set(key, numbers);
    return numbers;
  }
}

/**
 * Each backend's rules in their order: which of both comes first at a priority no snapshot shows. Policies say nothing new. The packet that tells
 * of a rejection is traced, too, so that more may follow.
 */
function rulesDiffer(seen: readonly Place[], steps: readonly WalkStep[], more: boolean): string | null {
  for (const backend of ['legacy', 'nft'] as const) {
    const kernel = seen.filter((each) => each.backend === backend && each.rule !== null).map(words);
    const walked = steps.flatMap(({ backend: of, family, table, chain, rule }) =>
      of === backend && rule !== null ? [words({ backend, family, table, chain, rule })] : [],
    );
    const at = walked.findIndex((each, i) => each !== kernel[i]);
    if (at >= 0) return `trace: rule ${at + 1} of ${backend} that matched is ${kernel[at] ?? 'none'}, in the walk ${walked[at]}`;
    if (kernel.length > walked.length && !more) return `trace: ${kernel[walked.length]} matched, and not in the walk`;
  }
  return null;
}

const tables: ReadonlySet<string> = new Set(['raw', 'mangle', 'nat', 'filter', 'security']);

/** Two rules that both would end the packet, in tables of equal priority: the kernel runs the one that was registered last. */
function endsAtEqualPriority(last: Place | undefined, blame: PacketWalk['blame']): boolean {
  if (last === undefined || blame === null) return false;
  if (last.backend === blame.backend && last.table === blame.table && last.family === blame.family) return false;
  const known = tables.has(last.table) && tables.has(blame.table);
  return !known || last.table === blame.table;
}

function blameDiffers(seen: readonly Place[], blame: PacketWalk['blame']): string | null {
  if (blame === null || blame.leg !== 'request') return null;
  const last = seen.at(-1);
  const decided = last === undefined ? 'no rule' : words(last);
  return decided === words(blame) ? null : `trace: the kernel was last at ${decided}, the walk blames ${words(blame)}`;
}

function markDiffers({ mark }: Trace, out: PacketOut | null): string | null {
  if (out === null || mark === null || mark === out.mark) return null;
  return `trace: the mark at the end is 0x${mark.toString(16)}, in the walk 0x${out.mark.toString(16)}`;
}

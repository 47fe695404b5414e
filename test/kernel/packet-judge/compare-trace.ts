import type { PacketOut, PacketWalk, WalkStep } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { hasNftTies } from './hook-ties.ts';
import type { PacketFate, ScenePacket, Trace, TraceEvent } from './scene.ts';
import { hasPorts } from './wire/encode.ts';

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
  /statistic|limit|recent|quota|numgen|random|-m (time|helper|socket|owner|physdev|mac)|list:set|--match-set (list|both|bit|bp|mk)|return-nomatch|--pol |ctstatus|dynset|@seen|QUEUE|TPROXY|tcp option|exthdr|@nh,16|-j CT|ct zone|@aged|aged4|TCPMSS|maxseg|--random|--to-ports|fully-random|:\d+-\d+|-m (state|conntrack) .*-m (state|conntrack)|socket|skuid/;

/** Of protocols without ports these are bytes that no walk is told. */
const transportBytes = /\bth\b|@th/;

/** Of a connection that is older than the snapshot nobody knows these. */
const ofConnection = /--ct(orig|repl|dir|proto|expire)|-m connmark|\bct (original|reply|proto-|direction|mark|id|label)/;

/** Says what of the kernel's own trace of a request differs from the walk: rules that matched, who decided, the mark at the end. Null: nothing. */
export class TraceJudge {
  readonly #snapshot: Snapshot;
  readonly #orderIsKnown: boolean;
  readonly #numbers = new Map<string, ReadonlyMap<number, number>>();

  /** Rules and blame are compared only where the order of all hooks is known. */
  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.#orderIsKnown = !hasNftTies(snapshot);
  }

  difference({ protocol, established }: ScenePacket, { request, trace }: PacketFate, { request: leg, blame }: PacketWalk): string | null {
    if (trace === undefined || leg.verdict === 'undecided' || (leg.outcomes?.length ?? 0) > 1) return null;
    const seen = this.#places(trace);
    const found =
      (this.#orderIsKnown && request.kind === 'dropped' ? blameDiffers(seen, blame) : null) ??
      (this.#orderIsKnown ? rulesDiffer(seen, leg.steps, request.kind === 'rejected') : null) ??
      (request.kind === 'delivered' ? markDiffers(trace, leg.out) : null);
    const walked = [...leg.steps.map(({ text }) => text), blame?.text ?? ''];
    return found === null || this.#isOpen(seen, walked, { withPorts: hasPorts(protocol), isOlder: established === true }) ? null : found;
  }

  /** A walk may show one way of several that end alike: where chance or state has a say, the kernel may take another. */
  #isOpen(
    seen: readonly Place[],
    walked: readonly string[],
    { withPorts, isOlder }: { readonly withPorts: boolean; readonly isOlder: boolean },
  ): boolean {
    const texts = [...walked, ...seen.map((each) => this.#textOf(each))];
    return texts.some((text) => open.test(text) || (!withPorts && transportBytes.test(text)) || (isOlder && ofConnection.test(text)));
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

/** The rules that matched, in their order. Policies say nothing new. What tells of a rejection is traced, too, so that more may follow. */
function rulesDiffer(seen: readonly Place[], steps: readonly WalkStep[], mayGoOn: boolean): string | null {
  const found = seen.filter(({ rule }) => rule !== null).map(words);
  const expected = steps.flatMap(placeOf).map(words);
  const at = expected.findIndex((each, i) => each !== found[i]);
  const differs = at >= 0 ? at : found.length > expected.length && !mayGoOn ? expected.length : null;
  if (differs === null) return null;
  return `trace: rule ${differs + 1} that matched is ${found[differs] ?? 'none'}, in the walk ${expected[differs] ?? 'none'}`;
}

const placeOf = ({ backend, family, table, chain, rule }: WalkStep): readonly Place[] =>
  backend === null || rule === null ? [] : [{ backend, family, table, chain, rule }];

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

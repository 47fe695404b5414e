import type { WalkChain, WalkRule } from '../chain.ts';
import type { Caller, Machine } from '../machine.ts';
import { oddPorts } from '../nat.ts';
import { actsByMore, type Code, fail, next, type Op, stop } from '../op.ts';
import { follow, leave, noteReads } from '../run-rule.ts';
import type { Series, Stand, Where } from '../series.ts';
import type { ChainEnd } from '../verdict.ts';
import { lookNumber, seenValue } from './look.ts';
import type { Segment, SegmentEnd, SendsTo } from './segment.ts';
import { lookStep, type Step, stepOf, take } from './step.ts';
import { WatchedMachine } from './watched-machine.ts';
import { newWatch, type Watch, writesOf } from './watched-packet.ts';

/** A loop is left after as many rules. */
const maxRules = 512;

export interface Recorded {
  readonly steps: readonly Step[];
  /** What each of the steps said. */
  readonly said: readonly unknown[];
  readonly segment: Segment;
}

/**
 * Runs rules from where the machine stands, over a copy of its packet, up to the first that does more than segments can. Conditions on addresses, and those
 * that ask, are put to the machine itself: where it splits, the other ways begin here, too.
 */
export function record(machine: Machine, from: Stand | null): Recorded {
  for (;;) {
    machine.beginAgain();
    const recorded = new Recording(machine, from).run();
    if (recorded !== null) return recorded;
  }
}

class Recording {
  readonly #machine: Machine;
  readonly #copy: WatchedMachine;
  readonly #watch: Watch;
  readonly #steps: Step[] = [];
  readonly #said: unknown[] = [];
  readonly #series: Series | null;
  /** Which of the series' places it is in. */
  #at: number;
  readonly #isMidway: boolean;
  /**
   * A comparison with the interface that the packet leaves by has matched. Not its name is looked at, but what the comparison says, and what comes behind
   * it is another run: of pairs of interfaces there are too many to learn.
   */
  #isOfOneWayOut = false;
  #rules = 0;
  readonly #depthBefore: number;
  /** Jumps inside each other since it began. */
  #depth = 0;

  constructor(machine: Machine, from: Stand | null) {
    this.#machine = machine;
    this.#series = from?.series ?? null;
    this.#at = from?.at ?? 0;
    this.#isMidway = from !== null && from.caller !== null;
    this.#watch = newWatch((look) => this.#note(lookStep(look), seenValue(lookNumber[look], machine)));
    this.#copy = new WatchedMachine(machine, this.#watch);
    if (from !== null) this.#copy.caller = from.caller;
    this.#depthBefore = this.#copy.caller?.depth ?? 0;
  }

  /** Null: a rule was found to be none for segments after it had asked, which it must not do twice. */
  run(): Recorded | null {
    for (;;) {
      const end = this.#runChain();
      if (end === null) return null;
      if (typeof end !== 'string') return { steps: this.#steps, said: this.#said, segment: end };
      const place = this.#series?.places[this.#at];
      const over = end === 'left' && place !== undefined ? (place.base.policy ?? 'accept') : end;
      if (over !== 'accept' || !this.#enterNext()) {
        const segment = this.#segment(over === 'left' ? { kind: 'left' } : { kind: 'ended', end: over });
        return { steps: this.#steps, said: this.#said, segment };
      }
    }
  }

  /** The next base chain of the series, if there is one. */
  #enterNext(): boolean {
    const next = this.#series?.places[this.#at + 1];
    if (next === undefined) return false;
    this.#at++;
    const copy = this.#copy;
    copy.chain = next.base;
    copy.position = 0;
    copy.caller = null;
    return true;
  }

  /** As far as segments go, or how the base chain, or the one where it began, was over. */
  #runChain(): Segment | ChainEnd | 'left' | null {
    const copy = this.#copy;
    for (let { chain } = copy; chain !== null; { chain } = copy) {
      const { position, caller } = copy;
      const before = this.#segment({ kind: 'left' });
      const stands = (): Segment => ({ ...before, end: this.#standsAt({ at: this.#at, chain, position, caller }) });
      if (this.#rules === maxRules || this.#isForAnother(chain)) return stands();
      this.#findRule(chain);
      const rule = chain.compiled[copy.position] ?? chain.rule(copy.position);
      if (rule?.isOpen && (rule.sends == null || this.#isOutsideNat)) return stands();
      const { chances } = this.#machine;
      const end = rule === undefined ? leave(copy) : this.#rule(rule, chain);
      if (end === 'sent') return this.#segment({ kind: 'sent', to: rule?.sends as SendsTo });
      if (end === 'open') {
        if (rule === undefined || this.#machine.chances === chances) return stands();
        rule.isOpen = true;
        rule.sends = null;
        return null;
      }
      this.#rules++;
      this.#depth = Math.max(this.#depth, (copy.caller?.depth ?? 0) - this.#depthBefore);
      if (end !== null) return end;
    }
    return 'left';
  }

  #standsAt(where: Where): SegmentEnd {
    if (this.#series !== null) return { kind: 'stands in series', stand: this.#series.stand(where) };
    return { kind: 'stands', chain: where.chain, position: where.position, callers: callersOf(where.caller) };
  }

  /** What comes here is better learnt as a run of its own. */
  #isForAnother(chain: WalkChain): boolean {
    const { seen } = this.#watch;
    if (seen.has('inInterface') && this.#isOfOneWayOut) return true;
    const begins = this.#rules > 0 && this.#series !== null && chain === this.#series.places[this.#at]?.base && this.#copy.position === 0;
    // Where it began may be one for each interface out already.
    return begins && (seen.has('outInterface') || (this.#isMidway && !seen.has('inInterface')));
  }

  /** Being sent somewhere does not end what runs there. */
  get #isOutsideNat(): boolean {
    return this.#series?.nat === false;
  }

  #segment(end: SegmentEnd): Segment {
    const { packet, touched } = this.#copy;
    return { isFan: false, rules: this.#rules, depth: this.#depth, writes: writesOf(packet), touched: { ...touched }, end };
  }

  #note(step: Step, said: unknown): void {
    this.#steps.push(step);
    this.#said.push(said);
  }

  #take(step: Step): unknown {
    const said = take(step, this.#machine);
    this.#note(step, said);
    return said;
  }

  #findRule(chain: WalkChain): void {
    const copy = this.#copy;
    if (!chain.isIndexed) return;
    if (!chain.looksAtEnds) {
      const position = chain.nextPosition(copy.position, copy.packet);
      // An index that has been made just now may be one by addresses.
      if (!this.#watch.isOpen) {
        copy.position = position;
        return;
      }
      this.#watch.isOpen = false;
    }
    copy.position = this.#take({ kind: 'index', chain, from: copy.position }) as number;
  }

  #rule(rule: WalkRule, chain: WalkChain): ChainEnd | 'open' | 'sent' | null {
    const copy = this.#copy;
    noteReads(rule, copy);
    for (const op of rule.ops) {
      if (rule.sends !== null && rule.sends === op.sendsTo)
        return oddPorts.has(copy.packet.protocol) || this.#isOutsideNat ? 'open' : 'sent';
      const code = this.#op(op);
      if (code === 'open') return 'open';
      if (code === fail) break;
      if (code === stop) {
        const end = follow(rule, chain, copy);
        return this.#watch.isOpen || end === 'undecided' ? 'open' : end;
      }
    }
    copy.position++;
    return null;
  }

  /** An operation that only looks may be run again for each packet, as long as the copy's is what the machine's is. */
  #op(op: Op): Code | 'open' {
    if (actsByMore(op)) return 'open';
    const watch = this.#watch;
    if (op.comparesOut === true && !watch.seen.has('outInterface')) {
      const said = this.#take(stepOf(op)) as Code;
      this.#isOfOneWayOut ||= said === next;
      return said;
    }
    const code = op.run(this.#copy);
    // Sets that a rule changes are no sets of the snapshot any more.
    if (!watch.isOpen) return this.#copy.changedSets.length > 0 ? 'open' : code;
    if (op.isTest !== true || writesOf(this.#copy.packet).length > 0 || watch.isTold) return 'open';
    watch.isOpen = false;
    const said = this.#take(stepOf(op)) as Code;
    return said === stop ? 'open' : said;
  }
}

function callersOf(innermost: Caller | null): readonly Pick<Caller, 'chain' | 'next'>[] {
  const callers: Pick<Caller, 'chain' | 'next'>[] = [];
  for (let each = innermost; each !== null; each = each.up) callers.unshift({ chain: each.chain, next: each.next });
  return callers;
}

import type { Address } from '#facts/address.ts';
import type { Probe, Undecidable, WalkStep } from '#facts/packet-walk.ts';
import type { Hook } from '#facts/rule.ts';
import type { WalkChain, WalkRule } from './chain.ts';
import type { Fork } from './fork.ts';
import type { Frame } from './frame.ts';
import type { HookProgram, Member } from './hook-program.ts';
import type { Gaps, LegRun, Steps } from './leg-run.ts';
import type { Model } from './model.ts';
import { Registers } from './nft/registers.ts';
import { field } from './op.ts';
import { copyPacket, type Packet } from './packet.ts';
import type { Question } from './question.ts';
import type { Stand } from './series.ts';
import { boundTo, type Sibling, withDestination } from './sibling.ts';
import { type Touched, untouched } from './touched.ts';
import type { RuleVerdict } from './verdict.ts';
import type { StageName } from './way/stage.ts';
import { certain, orderBit, type PassedGroup, shareOf, type Weight } from './weights.ts';

/** Answers given so far, newest first. */
interface Answers {
  readonly key: string | number;
  readonly answer: number;
  readonly earlier: Answers | null;
}

/** A chain that was left by a jump, and the rule to go on with. */
export interface Caller {
  readonly chain: WalkChain;
  readonly next: number;
  readonly up: Caller | null;
  readonly depth: number;
}

/** What the machines of one walk share. */
export interface Exploration {
  readonly probe: Probe;
  readonly waiting: Machine[];
  /** False: steps are not noted, and only the request is walked: what a decision about one packet takes. */
  readonly whole: boolean;
  /** Rules that may still be looked at, all ways together. */
  budget: number;
  noted: number;
}

const registers = new Registers();

/** Steps of one walk that are kept: a loop must not fill the memory. */
const maxSteps = 200_000;
/** Copies that may wait. */
const maxWaiting = 10_000;

/**
 * One way of a packet and its reply through the node. Where a rule asks something that the snapshot does not answer, the machine splits: it
 * goes on with the first answer, and a copy of what it was before that rule waits with each other one. So every rule reads as if all
 * questions had one answer, and what lies before a question runs once.
 */
export class Machine {
  readonly model: Model;
  readonly exploration: Exploration;
  packet: Packet;
  stage: StageName | null = null;

  /** Where it stands in the hook's program; null between hooks. */
  program: HookProgram | null = null;
  group = 0;
  member = 0;
  /** The members of a group of several in the order that is being walked; null: as listed. */
  order: readonly Member[] | null = null;
  orderIsAsked = false;
  /** The machine as it was before the first member of a group of several. */
  beforeGroup: Machine | null = null;
  touchedBefore: readonly Touched[] = [];
  touched: Touched = untouched();

  /** Where it stands in a chain; null between chains. */
  chain: WalkChain | null = null;
  position = 0;
  caller: Caller | null = null;
  verdict: RuleVerdict | null = null;
  /** Where it came to stand in a series; it may have gone on since. */
  stand: Stand | null = null;

  /** No rule of the family needs conntrack, so that it and nat do not run. */
  conntrackIsOff = false;
  /** It has passed the place where ways are joined. */
  isRouted = false;
  /** The packet before a chain of type route, to see whether it has to be routed again. */
  routedBy: Packet | null = null;
  /** The same when the chain has run and the routing has not. */
  routesAgain: Packet | null = null;
  /** Interface of the first and of the latest routing, of what the node itself sends. */
  routed = '';
  /** The next hop of that route; null: the destination itself. */
  gateway: Address | null = null;
  /** The packet goes to a broadcast or anycast address of the node, from which it sends no reply. */
  isForMany = false;
  /** The frame of this leg, where it came in by a bridge, and that of the request. */
  frame: Frame | null = null;
  askedBy: Frame | null = null;
  /** Sets, of ipset by name and of nf_tables by table and name, that a rule changed on this way: what they hold is not what the snapshot holds. */
  changedSets: readonly string[] = [];
  passed: PassedGroup | null = null;
  /** How likely this way is; several where ways that had come to the same state were joined. */
  weights: readonly Weight[] = certain;
  /** Ways that differ from this one by the destination that nat chose, and have met no rule that tells them apart. */
  siblings: readonly Sibling[] = [];
  /** What is known of its own destination and all its siblings' together; null: nothing. */
  fork: Fork | null = null;
  gaps: Gaps | null = null;
  /** Gaps of questions, which count for both legs. */
  asked: Gaps | null = null;
  steps: Steps | null = null;
  blame: (Steps & { readonly leg: 'request' | 'reply' }) | null = null;
  request: LegRun | null = null;
  reply: LegRun | null = null;

  /** What `ask` splits off from where the rule has changed something already; null: from the machine as it is. */
  checkpoint: Machine | null = null;
  /** A try of one member only to learn what it would do: a question makes the try useless. */
  tries: boolean = false;
  questioned = false;
  /** It takes the steps of a segment, and stands at the first of its rules for all of them. */
  isInSegment = false;
  /** A rule of it asked more than chance: they have to be run one by one. */
  hasStrayed = false;
  /** One only for all copies: the other orders of a group have been split off. */
  ordersSplit = false;
  /** It has answered questions that may be asked again. */
  isBoundToAnswers = false;
  #answers: Answers | null = null;
  /** Questions of chance so far: each is a new one. */
  #chances = 0;
  /** The same at the beginning of the rule that is being run, which a copy runs again; -1 outside rules. */
  #chancesBefore = -1;

  constructor(model: Model, exploration: Exploration, packet: Packet) {
    this.model = model;
    this.exploration = exploration;
    this.packet = packet;
  }

  /** What is asked. */
  get probe(): Probe {
    return this.exploration.probe;
  }

  copy(): Machine {
    const copy = new Machine(this.model, this.exploration, copyPacket(this.packet));
    copy.stage = this.stage;
    copy.program = this.program;
    copy.group = this.group;
    copy.member = this.member;
    copy.order = this.order;
    copy.orderIsAsked = this.orderIsAsked;
    copy.beforeGroup = this.beforeGroup;
    copy.touchedBefore = this.touchedBefore;
    copy.touched = { ...this.touched };
    copy.chain = this.chain;
    copy.position = this.position;
    copy.caller = this.caller;
    copy.stand = this.stand;
    copy.isRouted = this.isRouted;
    copy.conntrackIsOff = this.conntrackIsOff;
    copy.routedBy = this.routedBy;
    copy.routesAgain = this.routesAgain;
    copy.routed = this.routed;
    copy.gateway = this.gateway;
    copy.isForMany = this.isForMany;
    copy.frame = this.frame;
    copy.askedBy = this.askedBy;
    copy.#chances = this.#chances;
    copy.changedSets = this.changedSets;
    copy.weights = this.weights;
    copy.passed = this.passed;
    copy.siblings = this.siblings;
    copy.fork = this.fork;
    copy.isBoundToAnswers = this.isBoundToAnswers;
    copy.gaps = this.gaps;
    copy.asked = this.asked;
    copy.steps = this.steps;
    copy.blame = this.blame;
    copy.request = this.request;
    copy.reply = this.reply;
    copy.#answers = this.#answers;
    return copy;
  }

  /** Registers of nf_tables, for one rule at a time: a machine that was split off runs its rule from the beginning. */
  get registers(): Registers {
    return registers;
  }

  /** A copy that `ask` splits off runs the rule from here again; `guarded`: the rule changes something before it asks. */
  beginRule(guarded: boolean): void {
    this.#chancesBefore = this.#chances;
    this.checkpoint = guarded && !this.tries ? this.copy() : null;
  }

  /** The rule runs again from its beginning, and asks what it has asked. */
  beginAgain(): void {
    this.#chances = this.#chancesBefore;
  }

  /** Questions of chance so far. */
  get chances(): number {
    return this.#chances;
  }

  /** The base chain is over. */
  leaveChains(): void {
    this.chain = null;
    this.caller = null;
    this.stand = null;
  }

  endRule(): void {
    this.#chancesBefore = -1;
    this.checkpoint = null;
  }

  /** The next question of chance is one that this way has answered: it was split off there, and runs the rule again. */
  get isAnsweringAgain(): boolean {
    const key = this.#chances + 1;
    for (let known = this.#answers; known !== null; known = known.earlier) if (known.key === key) return true;
    return false;
  }

  /** What `look` says of the packet, with nothing left of having looked: neither a split nor a question of chance. Null: it met a question. */
  lookAhead<T>(look: (machine: Machine) => T): T | null {
    const { tries, questioned } = this;
    const chances = this.#chances;
    this.tries = true;
    this.questioned = false;
    const found = look(this);
    const met = this.questioned;
    this.tries = tries;
    this.questioned = questioned;
    this.#chances = chances;
    return met ? null : found;
  }

  /** The answer to a question: the machine goes on with the first that is possible, and copies wait with the others. */
  ask(question: Question): number {
    const key = question.key ?? ++this.#chances;
    // Which rule it is that asks is not known in a segment, nor whether it has asked before.
    if (this.isInSegment && question.key !== null) {
      if (this.tries) this.questioned = true;
      else this.hasStrayed = true;
      return 0;
    }
    for (let known = this.#answers; known !== null; known = known.earlier) if (known.key === key) return known.answer;
    if (this.tries) {
      this.questioned = true;
      return 0;
    }
    const { probabilities } = question;
    // What is asked after that is asked of no way.
    if (this.isInSegment && this.hasStrayed) return 0;
    // Every copy is kept until it is walked: so many questions have no answer that could be told.
    if (this.exploration.waiting.length > maxWaiting) this.exploration.budget = -1;
    let first = 0;
    while (first < probabilities.length - 1 && probabilities[first] === 0) first++;
    for (let answer = first + 1; answer < probabilities.length; answer++) {
      if (probabilities[answer] === 0) continue;
      const other = (this.checkpoint ?? this).copy();
      other.#answers = this.#answers;
      other.#chances = this.#chancesBefore < 0 ? this.#chances : this.#chancesBefore;
      other.weights = this.weights;
      other.siblings = this.siblings;
      other.fork = this.fork;
      other.asked = this.asked;
      other.#take(key, question, answer);
      this.exploration.waiting.push(other);
    }
    this.#take(key, question, first);
    return first;
  }

  /** Where chance decides between several destinations and nothing else: the first is the machine's, the others are its siblings'. */
  sendTo(fork: Fork): void {
    const { packet } = this;
    const { destination, weights } = fork.own(this.weights);
    this.siblings = fork.siblings(this.weights);
    this.weights = weights;
    this.fork = fork;
    packet.destination = destination;
    packet.connection = boundTo(packet.connection, destination);
    this.wrote(field.tuple);
  }

  /** Others have gone their own way, or have come to it. */
  setSiblings(siblings: readonly Sibling[]): void {
    this.siblings = siblings;
    this.fork = null;
  }

  #weigh(change: (weight: Weight) => Weight): void {
    this.weights = this.weights.map(change);
    if (this.siblings.length > 0)
      this.siblings = this.siblings.map(({ destination, weights }) => ({ destination, weights: weights.map(change) }));
  }

  /** A sibling goes a way of its own, from the beginning of the rule that tells it apart. */
  splitOff({ destination, weights }: Sibling): void {
    if (this.tries) {
      this.questioned = true;
      return;
    }
    const other = (this.checkpoint ?? this).copy();
    other.#answers = this.#answers;
    other.#chances = this.#chancesBefore < 0 ? this.#chances : this.#chancesBefore;
    other.setSiblings([]);
    other.weights = weights;
    other.packet.destination = destination;
    other.packet.connection = withDestination(other.packet.connection, destination);
    this.exploration.waiting.push(other);
  }

  #take(key: string | number, { probabilities, gap }: Question, answer: number): void {
    this.#answers = { key, answer, earlier: this.#answers };
    const share = probabilities[answer] ?? null;
    this.#weigh((weight) => shareOf(weight, share));
    if (typeof key === 'string') this.isBoundToAnswers = true;
    if (gap !== null) this.asked = { gap, earlier: this.asked };
  }

  /** The order in which this machine walked a group matters: it goes on, and the other orders start again from before the group. */
  splitOrders(start: Machine, own: readonly Member[], others: readonly (readonly Member[])[]): void {
    this.#addOrder(own);
    if (start.ordersSplit) return;
    start.ordersSplit = true;
    for (const order of others) {
      const other = start.copy();
      other.order = order;
      other.orderIsAsked = true;
      other.beforeGroup = start;
      other.#addOrder(order);
      this.exploration.waiting.push(other);
    }
  }

  #addOrder(order: readonly Member[]): void {
    const bit = orderBit(order);
    this.#weigh((weight) => ({ ...weight, orders: weight.orders | bit }));
  }

  /** It went through a group of several in the order that a walk begins with. */
  passGroup(start: Machine, own: readonly Member[]): void {
    this.passed = { start, order: orderBit(own), earlier: this.passed };
  }

  addGap(gap: Undecidable): void {
    for (let known = this.gaps; known !== null; known = known.earlier) if (known.gap === gap) return;
    this.gaps = { gap, earlier: this.gaps };
  }

  wrote(fields: number, markBits = 0): void {
    this.touched.writes |= fields;
    this.touched.markWrites |= markBits;
  }

  /** Notes a rule or policy that was reached. */
  note(chain: WalkChain, rule: WalkRule | null, effect: string): void {
    if (this.tries || !this.exploration.whole || ++this.exploration.noted > maxSteps) return;
    this.steps = { hook: this.hook, chain, rule, effect, kernel: null, earlier: this.steps };
  }

  noteKernel(step: WalkStep): void {
    if (!this.exploration.whole) return;
    this.steps = { hook: step.hook, chain: null, rule: null, effect: step.effect, kernel: step, earlier: this.steps };
  }

  blameOn(chain: WalkChain, rule: WalkRule | null, effect: string): void {
    this.blame ??= { hook: this.hook, chain, rule, effect, kernel: null, earlier: null, leg: this.packet.leg };
  }

  get hook(): Hook {
    return this.program?.hook ?? 'prerouting';
  }
}

import { Fork } from '../fork.ts';
import type { Machine } from '../machine.ts';
import { next } from '../op.ts';
import type { End, Packet } from '../packet.ts';
import type { Touched } from '../touched.ts';
import { seenValue } from './look.ts';
import { addTouched, type SendsTo } from './segment.ts';
import { type Looks, sharedLooks } from './shared-looks.ts';
import { type Step, take } from './step.ts';

export interface Condition {
  readonly step: Step;
  readonly answer: unknown;
}

export interface Way {
  readonly share: number;
  readonly to: SendsTo;
}

/** What is known of a fan. */
export interface FanDraft {
  rules: number;
  depth: number;
  readonly touched: Touched;
  readonly notFrom: number[];
  readonly conditions: Condition[];
  readonly ways: Way[];
}

/**
 * What a service comes down to once packets have gone all its ways: chance chooses among destinations, whatever else the rules look at being the same. One
 * machine then goes on for all of them.
 */
export class Fan {
  readonly isFan = true;
  /** The most on any of its ways, as of a segment. */
  readonly rules: number;
  readonly depth: number;
  readonly #touched: Touched;
  readonly #looks: Looks;
  /** Where the packet has to go, as a number of IPv4 and a port; null: anywhere. */
  readonly #to: number | null;
  readonly #toPort: number | null;
  readonly #conditions: ((machine: Machine) => boolean) | null;
  /** Addresses of IPv4 from and to which packets may go other ways: endpoints that come to themselves, NAT to where a packet goes anyway. */
  readonly #strange: readonly number[];
  readonly #ways: readonly Way[];
  /** Where no way leaves the packet its port: one for all packets. */
  readonly #fork: Fork | null;

  constructor({ rules, depth, touched, conditions, notFrom, ways }: FanDraft) {
    this.rules = rules;
    this.depth = depth;
    this.#touched = touched;
    this.#looks = sharedLooks(conditions.flatMap(({ step, answer }) => (step.kind === 'look' ? [[step.look, answer] as const] : [])));
    const to = conditions.find((each) => each.step.kind === 'exact' && each.answer === next);
    const port = conditions.find((each) => portOf(each) !== null);
    const others = conditions.filter((each) => each.step.kind !== 'look' && each !== to && each !== port);
    this.#to = to?.step.kind === 'exact' ? to.step.word : null;
    this.#toPort = port === undefined ? null : portOf(port);
    this.#conditions = others.length === 0 ? null : (machine) => others.every(({ step, answer }) => take(step, machine) === answer);
    this.#strange = [...new Set([...notFrom, ...ways.map(({ to }) => to.address.words[0] as number)])];
    this.#ways = ways;
    this.#fork = ways.every(({ to }) => to.port !== null) ? forkOf(ways, ({ port }) => port) : null;
  }

  /** Sends the machine's packet all its ways. */
  send(machine: Machine): void {
    const { port } = machine.packet.destination;
    addTouched(machine.touched, this.#touched);
    const isShared = port !== null && this.#fork !== null;
    machine.sendTo(isShared ? this.#fork : forkOf(this.#ways, (to) => (port === null ? null : (to.port ?? port))));
  }

  /** Whether the machine's packet goes the fan's ways. */
  fits(machine: Machine): boolean {
    if (!canTakeFan(machine)) return false;
    const { source, destination } = machine.packet;
    const from = source.address.words[0] as number;
    const to = destination.address.words[0] as number;
    for (let i = 0; i < this.#strange.length; i++) if (this.#strange[i] === from || this.#strange[i] === to) return false;
    if ((this.#to !== null && this.#to !== to) || (this.#toPort !== null && this.#toPort !== wholePort(machine.packet))) return false;
    const { places, seen } = this.#looks;
    for (let i = 0; i < places.length; i++) if (seenValue(places[i] as number, machine) !== seen[i]) return false;
    // Nothing is asked: what is open is left to the rules.
    return this.#conditions === null || machine.lookAhead(this.#conditions) === true;
  }
}

/** The port of a packet by which `toPort` tells where it goes. */
function wholePort({ protocol, fragmentOffset, length, destination }: Packet): number | null {
  return plainPorts.has(protocol) && fragmentOffset === 0 && length === null ? destination.port : null;
}
/** TCP, UDP, SCTP: their ports are where every kernel looks for them. */
const plainPorts: ReadonlySet<number> = new Set([6, 17, 132]);

function portOf({ step, answer }: Condition): number | null {
  return step.kind === 'test' && answer === next ? (step.op.toPort ?? null) : null;
}

function canTakeFan(machine: Machine): boolean {
  const { packet, siblings, tries, isAnsweringAgain, hook } = machine;
  return (
    siblings.length === 0 && !tries && !isAnsweringAgain && packet.family === 'ip' && hook === 'prerouting' && packet.inInterface !== 'lo'
  );
}

function forkOf(ways: readonly Way[], portOf: (to: SendsTo) => End['port']): Fork {
  const ends = ways.map(({ to }) => ({ address: to.address, port: portOf(to) }));
  return new Fork(
    ends,
    ways.map(({ share }) => share),
  );
}

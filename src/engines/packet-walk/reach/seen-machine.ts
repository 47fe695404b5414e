import type { Address } from '#facts/address.ts';
import type { Undecidable, WalkStep } from '#facts/packet-walk.ts';
import { type Exploration, Machine } from '../machine.ts';
import type { Model } from '../model.ts';
import type { Registers } from '../nft/registers.ts';
import type { Packet } from '../packet.ts';
import type { Question } from '../question.ts';
import { seen, shiftOf, slot } from './side.ts';
import { Unsupported } from './unsupported.ts';

/**
 * A machine that runs single operations over a `SeenPacket`. It never splits: an open question takes the next of the answers that it was given,
 * and its caller runs the operation again for the others.
 */
export class SeenMachine extends Machine {
  /** Answers for the questions of this run, in their order. */
  script: readonly number[] = [];
  readonly questions: Question[] = [];
  readonly given: number[] = [];
  /** Answers of earlier runs, by key. */
  known: ReadonlyMap<string, number> = new Map();
  met: Undecidable[] = [];
  usedRegisters = false;
  leavingBy: 'x' | 'y' = 'y';
  /** The last that the kernel did. */
  said = '';
  routedTo = '';
  wroteRouted = false;
  nextHop: Address | null = null;
  wroteGateway = false;

  constructor(model: Model, exploration: Exploration, packet: Packet) {
    super(model, exploration, packet);
    Object.defineProperty(this, 'routed', {
      get: () => {
        seen.bits |= slot.routed << shiftOf(this.leavingBy);
        return this.routedTo;
      },
      set: (name: string) => {
        this.routedTo = name;
        this.wroteRouted = true;
      },
    });
    Object.defineProperty(this, 'gateway', {
      get: () => {
        seen.bits |= slot.routed << shiftOf(this.leavingBy);
        return this.nextHop;
      },
      set: (gateway: Address | null) => {
        this.nextHop = gateway;
        this.wroteGateway = true;
      },
    });
  }

  override get registers(): Registers {
    this.usedRegisters = true;
    return super.registers;
  }

  override ask(question: Question): number {
    const { key, probabilities } = question;
    const before = key === null ? undefined : this.known.get(key);
    if (before !== undefined) return before;
    const again = key === null ? -1 : this.questions.findIndex((each) => each.key === key);
    if (again >= 0) return this.given[again] as number;
    const at = this.questions.length;
    const answer = this.script[at] ?? probabilities.findIndex((share) => share !== 0);
    this.questions.push(question);
    this.given.push(Math.max(0, answer));
    return Math.max(0, answer);
  }

  override addGap(gap: Undecidable): void {
    this.met.push(gap);
  }

  override note(): void {}
  override noteKernel({ text }: WalkStep): void {
    this.said = text;
  }

  override blameOn(): void {}
  override beginRule(): void {}
  override endRule(): void {}

  override copy(): Machine {
    throw new Unsupported('a copy of a machine');
  }
}

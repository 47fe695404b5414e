import type { Probe } from '#facts/packet-walk.ts';
import type { Hook } from '#facts/rule.ts';
import { Machine } from '../machine.ts';
import type { Packet } from '../packet.ts';
import type { Question } from '../question.ts';
import { sees, type Watch, watchedPacket } from './watched-packet.ts';

/** A machine at the same place over a copy of the packet, to learn what a run of rules looks at; nothing that it does reaches the other. */
export class WatchedMachine extends Machine {
  readonly #watch: Watch;

  constructor(machine: Machine, watch: Watch, packet: Packet = machine.packet) {
    super(machine.model, machine.exploration, watchedPacket(packet, watch));
    this.#watch = watch;
    this.tries = true;
    this.program = machine.program;
    this.chain = machine.chain;
    this.position = machine.position;
  }

  override get hook(): Hook {
    sees(this.#watch, 'hook');
    return super.hook;
  }

  override get probe(): Probe {
    this.#open();
    return super.probe;
  }

  override ask({ key }: Question): number {
    this.#open();
    if (key !== null) this.#watch.isTold = true;
    return 0;
  }

  override addGap(): void {
    this.#open();
  }

  #open(): void {
    this.#watch.isOpen = true;
    this.#watch.looksFurther = true;
  }
}

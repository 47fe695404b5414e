import type { Fan } from './fan.ts';
import type { Segment } from './segment.ts';
import type { Step } from './step.ts';

/** A step, and where each of its answers leads; or, without a step, a run's end. One class for both: the inner loop of decisions. */
export class Node {
  readonly step: Step | null;
  readonly segment: Segment | null;
  /** What all ways from here come down to; a number: how many packets have come here without one; null: it is not looked for here. */
  fan: Fan | number | null;
  /** Most steps only ever get one answer: it stands here and in no map. */
  #answer: unknown = undefined;
  #following: Node | undefined = undefined;
  #others: Map<unknown, Node> | null = null;

  constructor(step: Step | null, segment: Segment | null, mayFan: boolean) {
    this.fan = mayFan ? 0 : null;
    this.step = step;
    this.segment = segment;
  }

  /** Undefined: that answer has not been met. */
  after(answer: unknown): Node | undefined {
    return answer === this.#answer ? this.#following : this.#others?.get(answer);
  }

  put(answer: unknown, node: Node): void {
    if (this.#following === undefined || answer === this.#answer) {
      this.#answer = answer;
      this.#following = node;
    } else {
      this.#others ??= new Map();
      this.#others.set(answer, node);
    }
  }

  /** Null: none or several have been met. */
  get only(): { readonly answer: unknown; readonly node: Node } | null {
    return this.#following === undefined || this.#others !== null ? null : { answer: this.#answer, node: this.#following };
  }
}

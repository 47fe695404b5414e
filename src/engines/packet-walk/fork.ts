import type { Code, Op } from './op.ts';
import type { End } from './packet.ts';
import type { RouteAnswer } from './routing.ts';
import type { Sibling } from './sibling.ts';
import { formatEnd } from './way/end-text.ts';
import { certain, certainly, shareOf, type Weight } from './weights.ts';

/** Destinations among which chance alone chooses, and what one packet has learnt of them for the next. */
export class Fork {
  /** The first is the machine's own, the others are its siblings'. */
  readonly ends: readonly End[];
  readonly #shares: readonly number[];
  /** For a way that has met no question before. */
  readonly #own: Sibling;
  readonly #siblings: readonly Sibling[];
  #texts: readonly string[] | null = null;
  /** By which all are sent, where nothing but their destinations is looked at and all leave alike; null: there is more to it; undefined: nobody has asked. */
  route: Extract<RouteAnswer, { readonly kind: 'route' }> | null | undefined = undefined;
  /** What conditions say that look at nothing but the destination, and say the same of all; null: the condition looks at more. */
  readonly said = new Map<Op, Code | null>();

  constructor(ends: readonly End[], shares: readonly number[]) {
    this.ends = ends;
    this.#shares = shares;
    const all = ends.map((destination, i) => ({ destination, weights: certainly(shares[i] as number) }));
    this.#own = all[0] as Sibling;
    this.#siblings = all.slice(1);
  }

  own(weights: readonly Weight[]): Sibling {
    return weights === certain ? this.#own : this.#shared(0, weights);
  }

  siblings(weights: readonly Weight[]): readonly Sibling[] {
    return weights === certain ? this.#siblings : this.ends.slice(1).map((_, i) => this.#shared(i + 1, weights));
  }

  #shared(at: number, weights: readonly Weight[]): Sibling {
    const share = this.#shares[at] as number;
    return { destination: this.ends[at] as End, weights: weights.map((weight) => shareOf(weight, share)) };
  }

  /** As `formatEnd` writes them. */
  get texts(): readonly string[] {
    this.#texts ??= this.ends.map(formatEnd);
    return this.#texts;
  }
}

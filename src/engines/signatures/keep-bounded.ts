import type { LogEvent } from '#facts/log.ts';

/** An event, and where it stands in time: its own, or else that of the nearest line before it in its file. */
export interface PlacedEvent {
  readonly event: LogEvent;
  time: number | null;
}

/** So many events of one signature are kept from each end of a file; the rest is counted. */
export const keptAtEachEnd = 500;

/** Keeps the first and the last events of one signature in one file, and counts those between. */
export class BoundedEvents {
  readonly #first: PlacedEvent[] = [];
  readonly #last: PlacedEvent[] = [];
  #oldest = 0;
  #suppressed = 0;

  add(placed: PlacedEvent): void {
    if (this.#first.length < keptAtEachEnd) {
      this.#first.push(placed);
    } else if (this.#last.length < keptAtEachEnd) {
      this.#last.push(placed);
    } else {
      this.#last[this.#oldest] = placed;
      this.#oldest = (this.#oldest + 1) % keptAtEachEnd;
      this.#suppressed++;
    }
  }

  /** In the order of the file; the last one before the gap carries how many are left out. */
  list(): readonly PlacedEvent[] {
    const last = [...this.#last.slice(this.#oldest), ...this.#last.slice(0, this.#oldest)];
    const before = this.#first.at(-1);
    if (this.#suppressed === 0 || before === undefined) return [...this.#first, ...last];
    const marked = { event: { ...before.event, suppressed: this.#suppressed }, time: before.time };
    return [...this.#first.slice(0, -1), marked, ...last];
  }
}

import type { Address } from '#facts/address.ts';
import type { RouteQuery } from './route-query.ts';

/** Of IPv4, and not by an interface: what is left to decide is seldom more than the destination. */
export function dependsOnLittle(query: RouteQuery): boolean {
  return query.destination.family === 'ip' && query.outInterface == null && query.byDevice !== true && query.preferred == null;
}

/** A query that `dependsOnLittle`, and tells whether anything but its destination was looked at. */
export class WatchedQuery implements RouteQuery {
  readonly #query: RouteQuery;
  isLookedAt = false;
  readonly outInterface = null;
  readonly preferred = null;
  readonly byDevice = false;
  readonly strict = false;

  constructor(query: RouteQuery) {
    this.#query = query;
  }

  get destination(): Address {
    return this.#query.destination;
  }
  get source(): RouteQuery['source'] {
    return this.#look().source;
  }
  get inInterface(): RouteQuery['inInterface'] {
    return this.#look().inInterface;
  }
  get mark(): number {
    return this.#look().mark;
  }
  get tos(): number | null {
    const { tos } = this.#look();
    return tos === undefined ? 0 : tos;
  }
  get flow(): NonNullable<RouteQuery['flow']> | null {
    return this.#look().flow ?? null;
  }
  get fromSocket(): boolean {
    return this.#look().fromSocket ?? false;
  }
  get ignoresLinkState(): boolean {
    return this.#look().ignoresLinkState ?? false;
  }

  #look(): RouteQuery {
    this.isLookedAt = true;
    return this.#query;
  }
}

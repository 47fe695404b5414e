declare const milliseconds: unique symbol;

/** A moment: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly [milliseconds]: true };

export function instant(epochMilliseconds: number): Instant {
  return epochMilliseconds as Instant;
}

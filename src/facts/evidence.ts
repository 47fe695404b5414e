/** A place in a snapshot: path relative to its root, and a 1-based line. */
export interface Place {
  readonly source: string;
  readonly line: number;
}

/** A value together with the line it was read from, so that a finding can cite it. */
export interface Located<T> {
  readonly value: T;
  readonly at: Place;
  /** The line exactly as it stands in the file, without its line end. */
  readonly text: string;
}

/** One cited line. `text` is that line of `source`, character for character; `says` is what it proves, in a few words. */
export interface Evidence {
  readonly source: string;
  readonly line: number;
  readonly text: string;
  readonly says: string;
}

export function cite(located: { readonly at: Place; readonly text: string }, says: string): Evidence {
  return { source: located.at.source, line: located.at.line, text: located.text, says };
}

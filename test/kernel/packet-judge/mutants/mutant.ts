/** One semantic rule of the walk, switched off. */
export interface Mutant {
  /** Rule of docs/specs/packet-walk.md, and what is taken away. */
  readonly rule: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly replacement: string;
  /** Where to look for it first; all shapes where absent. */
  readonly shapes?: readonly string[];
}

export const walk = (path: string): string => `src/engines/packet-walk/${path}`;

export type SubjectKind = 'load' | 'link' | 'walk';

/** What a subject's process prints. */
export interface SubjectReport {
  /** Of the call alone, without Node's start. */
  readonly milliseconds: number;
  readonly rules: number;
  /** High-water mark of resident memory. */
  readonly kilobytes: number;
  readonly walk: WalkReport | null;
}

export interface WalkReport {
  readonly openMilliseconds: number;
  /** The first walk decodes the chains on its way. */
  readonly firstMilliseconds: number;
  readonly perSecond: number;
}

import type { Family } from '#facts/address.ts';
import type { Match, Target } from '#facts/rule.ts';
import type { Blob } from './blob.ts';

/** Names of ipsets by their index in the kernel: rules refer to sets by number. */
export type SetNames = ReadonlyMap<number, string>;

/** What a struct's meaning depends on besides its bytes. */
export interface XtContext {
  readonly family: Family;
  readonly setNames: SetNames;
}

interface XtModule {
  /** sizeof the struct on a 64-bit kernel, before it is aligned to eight. */
  readonly size: number;
  /** Options as iptables-save 1.8.9 prints them, each with a blank in front. */
  readonly words: (blob: Blob, context: XtContext) => string;
  /** The name that iptables prints where it is not the struct's own (`state` for a conntrack match). */
  readonly alias?: (blob: Blob) => string | null;
  /** Only for this family; both where absent. */
  readonly family?: Family;
}

/** Decoders throw UnreadableValue for what they do not know. Without `matches` the module is known by its text only: unmodelled. */
export interface MatchModule extends XtModule {
  readonly matches?: (blob: Blob, context: XtContext, text: () => string) => readonly Match[];
}

export interface TargetModule extends XtModule {
  readonly target?: (blob: Blob, context: XtContext, text: () => string) => Target;
}

/** By `name/revision`, or `name/revision/family` where families have structs of their own. */
export type Modules<M> = Readonly<Record<string, M>>;

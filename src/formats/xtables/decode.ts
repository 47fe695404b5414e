import type { Family } from '#facts/address.ts';
import type { Match, Target } from '#facts/rule.ts';
import { own } from '../iptables-save/own.ts';
import { segmentsOf } from '../iptables-save/segments.ts';
import { tokensOf } from '../iptables-save/tokens.ts';
import { UnreadableValue } from '../iptables-save/values.ts';
import { Blob } from './blob.ts';
import { matchModules } from './matches/index.ts';
import type { Modules, SetNames, TargetModule, XtContext } from './module.ts';
import { targetModules } from './targets/index.ts';

/** A match or target as the kernel stores it, from an entry of a legacy table or from the compat expressions of nf_tables. */
export interface XtBlob {
  readonly name: string;
  readonly revision: number;
  /** The struct, with or without its padding to eight bytes. */
  readonly info: Uint8Array;
  readonly family: Family;
  readonly littleEndian: boolean;
  /** From nf_tables. No struct differs by it; it is here for one that does. */
  readonly nft: boolean;
  /** Where it is absent rules with ipsets are unmodelled. */
  readonly setNames?: SetNames;
}

export interface XtMatch {
  readonly matches: readonly Match[];
  /** As iptables-save 1.8.9 prints it, `-m NAME ...`; made when it is asked for. */
  readonly text: string;
}

export interface XtTarget {
  readonly target: Target;
  /** As iptables-save 1.8.9 prints it, `-j NAME ...`; made when it is asked for. */
  readonly text: string;
}

const noNames: SetNames = new Map();

/** Never throws: what cannot be decoded is unmodelled, with the reason. */
export function decodeXtMatch(xt: XtBlob): XtMatch {
  return {
    matches: xtMatches(xt),
    get text() {
      return xtMatchText(xt);
    },
  };
}

/** Of extensions; what a standard target does (a verdict, a jump) tells its table. */
export function decodeXtTarget(xt: XtBlob): XtTarget {
  return {
    target: xtTarget(xt),
    get text() {
      return xtTargetText(xt);
    },
  };
}

export function xtMatches(xt: XtBlob): readonly Match[] {
  const opened = open(xt, matchModules);
  if ('because' in opened) return [unmodelledMatch(xt.name, opened.because)];
  const { module, blob, context } = opened;
  const text = (): string => asSegment(textOf('-m', xt, opened));
  return decoded(
    () => module.matches?.(blob, context, text) ?? [unmodelledMatch(nameIn(xt, opened), text())],
    (because) => [unmodelledMatch(nameIn(xt, opened), `${because} in '${text()}'`)],
  );
}

export function xtMatchText(xt: XtBlob): string {
  const opened = open(xt, matchModules);
  return 'because' in opened ? unsupported('-m', xt) : textOf('-m', xt, opened);
}

export function xtTarget(xt: XtBlob): Target {
  const opened = open(xt, targetModules);
  if ('because' in opened) return { kind: 'unmodelled', name: xt.name, text: opened.because };
  const { module, blob, context } = opened;
  const text = (): string => asSegment(textOf('-j', xt, opened));
  const unmodelled = (why: string): Target => ({ kind: 'unmodelled', name: nameIn(xt, opened), text: why });
  return decoded(
    () => module.target?.(blob, context, text) ?? unmodelled(text()),
    (because) => unmodelled(`${because} in '${text()}'`),
  );
}

export function xtTargetText(xt: XtBlob): string {
  const opened = open(xt, targetModules);
  return 'because' in opened ? unsupported('-j', xt) : textOf('-j', xt, opened);
}

interface Opened<M> {
  readonly module: M;
  readonly blob: Blob;
  readonly context: XtContext;
}

type AnyModule = Pick<TargetModule, 'size' | 'words' | 'alias'>;

function open<M extends AnyModule>(xt: XtBlob, modules: Modules<M>): Opened<M> | { readonly because: string } {
  const key = `${xt.name}/${xt.revision}`;
  const module = own(modules, key) ?? own(modules, `${key}/${xt.family}`);
  if (module === undefined) return { because: `revision ${xt.revision} of '${xt.name}', which we do not know` };
  const { length } = xt.info;
  if (length !== module.size && length !== ((module.size + 7) >>> 3) << 3)
    return { because: `${length} bytes of '${xt.name}' revision ${xt.revision}, which has ${module.size}` };
  const context = { family: xt.family, setNames: xt.setNames ?? noNames };
  return { module, blob: new Blob(xt.info, xt.littleEndian), context };
}

const nameIn = (xt: XtBlob, { module, blob }: Opened<AnyModule>): string => module.alias?.(blob) ?? xt.name;

function textOf(flag: '-m' | '-j', xt: XtBlob, opened: Opened<AnyModule>): string {
  return decoded(
    () => `${flag} ${nameIn(xt, opened)}${opened.module.words(opened.blob, opened.context)}`,
    () => `${flag} ${xt.name} [unreadable options]`,
  );
}

/** What iptables prints for a revision that it does not know. */
const unsupported = (flag: '-m' | '-j', { name }: XtBlob): string => `${flag} ${name} [unsupported revision]`;

const unmodelledMatch = (module: string, text: string): Match => ({ kind: 'unmodelled', module, text });

function decoded<T>(decode: () => T, otherwise: (because: string) => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    return otherwise(error.message);
  }
}

/** Messages quote words as the reader of dumps does, so that both say the same of one rule. */
function asSegment(text: string): string {
  if (!text.includes('"')) return text;
  const tokens = tokensOf(text);
  const segments = tokens === null ? [] : segmentsOf(tokens);
  return 'because' in segments ? text : (segments[0]?.text ?? text);
}

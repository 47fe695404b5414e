import type { Evidence } from '#facts/evidence.ts';
import type { LogEvent } from '#facts/log.ts';
import type { Backend } from '#facts/rule.ts';

export type FelixInUse =
  | { readonly kind: 'uses'; readonly backend: Backend; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'undecided'; readonly missing: string };

/**
 * The backend that Felix programs since its newest start. Its look-ups of *restore* commands show it at level INFO; the
 * detected backend itself is only written at DEBUG.
 */
export function felixInUse(events: readonly LogEvent[]): FelixInUse {
  const relevant = events.filter((event) => event.signature === 'felix-starting' || isRestoreLookup(event));
  if (relevant.length === 0) return { kind: 'undecided', missing: "neither a start nor a look-up of a restore command in Felix's log" };
  if (relevant.some(({ time }) => time === null) && new Set(relevant.map(({ at }) => at.source)).size > 1) {
    return { kind: 'undecided', missing: "the order of Felix's log files, some of whose lines have no time" };
  }
  const start = relevant.findLastIndex(({ signature }) => signature === 'felix-starting');
  return fromLookups(relevant[start] ?? null, relevant.slice(start + 1));
}

function isRestoreLookup(event: LogEvent): boolean {
  return event.signature === 'felix-iptables-lookup' && event.fields['saveOrRestore'] === 'restore';
}

function fromLookups(start: LogEvent | null, lookups: readonly LogEvent[]): FelixInUse {
  const modes = new Set(lookups.map((event) => event.fields['backendMode']));
  const [mode] = modes;
  if (lookups.length === 0) return { kind: 'undecided', missing: 'a look-up of a restore command since the newest start of Felix' };
  if (modes.size > 1)
    return { kind: 'undecided', missing: 'one choice: since its newest start Felix looked up restore commands of both backends' };
  if (mode !== 'legacy' && mode !== 'nft') return { kind: 'undecided', missing: 'the backend in the look-up of a restore command' };
  const shown = lookups.at(-1) as LogEvent;
  const says = `Felix programs ${mode}`;
  return { kind: 'uses', backend: mode, evidence: [...(start === null ? [] : [line(start, 'newest start of Felix')]), line(shown, says)] };
}

function line({ at, text }: LogEvent, says: string): Evidence {
  return { source: at.source, line: at.line, text, says };
}

import type { LogEvent } from '#facts/log.ts';
import type { Backend } from '#facts/rule.ts';

/** One process life of Felix, as its log tells it. */
export interface FelixStart {
  readonly start: LogEvent;
  /** Look-ups of restore commands: these show the backend in use (the choice itself is logged at DEBUG only). */
  readonly lookups: readonly LogEvent[];
  /** Null: no look-up, or look-ups of both backends. */
  readonly chose: Backend | null;
  /** Lines that show that programs could not be run when the backend was detected. */
  readonly failures: readonly LogEvent[];
}

const failing = new Set([
  'felix-iptables-version-failed',
  'felix-save-start-failed',
  'felix-save-failed',
  'felix-iptables-version-assumed',
  'exec-failed',
]);

/** Detection, version check and first look-ups are one piece of Felix's start-up code; this many milliseconds cover it. */
const startUp = 5_000;

/**
 * Felix's starts, oldest first. Empty where the order of the log files is not known (lines without a time in several files):
 * then nothing can be said about earlier and later.
 */
export function felixStarts(events: readonly LogEvent[]): readonly FelixStart[] {
  const own = events.filter(({ component }) => component === 'calico-node' || component === 'felix' || component === 'calico-felix');
  const begins = own.flatMap((event, i) => (event.signature === 'felix-starting' ? [i] : []));
  const untimed = begins.some((i) => own[i]?.time === null) && new Set(begins.map((i) => own[i]?.at.source)).size > 1;
  return untimed ? [] : begins.map((begin, i) => startOf(own.slice(begin, begins[i + 1])));
}

function startOf(life: readonly LogEvent[]): FelixStart {
  const start = life[0] as LogEvent;
  const lookups = life.filter((event) => event.signature === 'felix-iptables-lookup' && event.fields['saveOrRestore'] === 'restore');
  const modes = new Set(lookups.map((event) => event.fields['backendMode']));
  const [mode] = modes;
  const chose = modes.size === 1 && (mode === 'legacy' || mode === 'nft') ? mode : null;
  return { start, lookups, chose, failures: life.filter((event) => failing.has(event.signature) && duringStartUp(event, start, lookups)) };
}

function duringStartUp(event: LogEvent, start: LogEvent, lookups: readonly LogEvent[]): boolean {
  if (event.time !== null && start.time !== null) return event.time - start.time <= startUp;
  const first = lookups[0];
  return first !== undefined && event.at.source === first.at.source && event.at.line < first.at.line;
}

import type { LogEvent, LogFile, LogLine } from '#facts/log.ts';
import { signatures } from './catalogue.ts';
import { BoundedEvents, type PlacedEvent } from './keep-bounded.ts';
import { fieldsOf, mayWrite, type Signature } from './signature.ts';

/** Past this many characters a line is not looked at, so that the work stays linear in the size of a log. */
const lookedAt = 16_384;

/**
 * All known lines of all logs, oldest first; lines without a time stand where their file has them, files without any time
 * come last. Each file is read once, in bounded memory: of one signature in one file the first and the last 500 events are
 * kept, and `suppressed` counts those between.
 */
export function findEvents(logs: readonly LogFile[]): readonly LogEvent[] {
  const placed = logs.flatMap(eventsOfFile);
  return placed.sort(inOrder).map(({ event }) => event);
}

function eventsOfFile(log: LogFile): readonly PlacedEvent[] {
  const known = signatures.filter((signature) => mayWrite(signature, log.component));
  const prefilter = anyLiteral(known);
  const kept = new Map<Signature, BoundedEvents>();
  const untimed: PlacedEvent[] = [];
  let time: number | null = null;
  for (const line of log.lines()) {
    if (line.time !== null) {
      if (time === null) for (const placed of untimed) placed.time = line.time;
      time = line.time;
    }
    const message = line.message.length > lookedAt ? line.message.slice(0, lookedAt) : line.message;
    if (!prefilter.test(message)) continue;
    const found = firstMatch(known, message);
    if (found === null) continue;
    const placed: PlacedEvent = { event: eventOf(log, line, found), time };
    if (time === null && untimed.length < untimedKept) untimed.push(placed);
    keep(kept, found.signature, placed);
  }
  return [...kept.values()].flatMap((events) => events.list());
}

/** Events before the first line with a time take that time; a file that has none at all needs no bookkeeping for it. */
const untimedKept = 100_000;

function keep(kept: Map<Signature, BoundedEvents>, signature: Signature, placed: PlacedEvent): void {
  let events = kept.get(signature);
  if (events === undefined) {
    events = new BoundedEvents();
    kept.set(signature, events);
  }
  events.add(placed);
}

interface Found {
  readonly signature: Signature;
  readonly fields: Readonly<Record<string, string>>;
}

function firstMatch(known: readonly Signature[], message: string): Found | null {
  for (const signature of known) {
    const fields = fieldsOf(signature, message);
    if (fields !== null) return { signature, fields };
  }
  return null;
}

function eventOf(log: LogFile, line: LogLine, { signature, fields }: Found): LogEvent {
  const { id, meaning } = signature;
  return { signature: id, component: log.component, time: line.time, at: line.at, text: line.text, meaning, fields };
}

function anyLiteral(known: readonly Signature[]): RegExp {
  const literals = known.map(({ literal }) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(literals.join('|'));
}

/** By time, then file and line; what has no time comes last. */
function inOrder(a: PlacedEvent, b: PlacedEvent): number {
  const time = (a.time ?? Number.POSITIVE_INFINITY) - (b.time ?? Number.POSITIVE_INFINITY);
  if (time !== 0 && !Number.isNaN(time)) return time;
  if (a.event.at.source !== b.event.at.source) return a.event.at.source < b.event.at.source ? -1 : 1;
  return a.event.at.line - b.event.at.line;
}

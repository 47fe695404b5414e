import type { Instant } from '#facts/instant.ts';
import type { LogEvent } from '#facts/log.ts';
import { formatIsoTime } from '#formats/parse-time.ts';
import { shown } from '#formats/shown.ts';
import { columns } from './columns.ts';

/** Events in their order, those of one kind in a row as one; under each its place and line, control characters escaped. */
export function timelineText(events: readonly LogEvent[]): string {
  if (events.length === 0) return 'no known line in any log\n';
  const runs = runsOf(events);
  const heads = columns(runs.map(headCells));
  const lines: string[] = [];
  let date = '';
  for (const [index, { first }] of runs.entries()) {
    const day = first.time === null ? date : dateOf(first.time);
    if (day !== date) lines.push(day);
    date = day;
    lines.push(heads[index] ?? '', `    ${shown(first.at.source, 200)}:${first.at.line}  ${shown(first.text, 300)}`);
  }
  return `${lines.join('\n')}\n`;
}

interface Run {
  readonly first: LogEvent;
  last: LogEvent;
  count: number;
}

function runsOf(events: readonly LogEvent[]): readonly Run[] {
  const runs: Run[] = [];
  for (const event of events) {
    const run = runs.at(-1);
    const here = 1 + (event.suppressed ?? 0);
    if (run !== undefined && run.first.signature === event.signature && run.first.component === event.component) {
      run.last = event;
      run.count += here;
    } else {
      runs.push({ first: event, last: event, count: here });
    }
  }
  return runs;
}

function headCells({ first, last, count }: Run): readonly string[] {
  const until = last.time === null ? '' : ` until ${clockOf(last.time)}`;
  const repeated = count === 1 ? '' : `  ${count}x${until}`;
  const clock = first.time === null ? '  (no time)' : `  ${clockOf(first.time)}`;
  return [clock, shown(first.component, 40), `${first.meaning}${repeated}`];
}

function dateOf(time: Instant): string {
  return formatIsoTime(time).slice(0, 10);
}

function clockOf(time: Instant): string {
  return formatIsoTime(time).slice(11);
}

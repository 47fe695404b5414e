import type { Instant } from '#facts/instant.ts';
import type { LogEvent } from '#facts/log.ts';
import { formatIsoTime } from '#formats/parse-time.ts';
import { shown } from '#formats/shown.ts';
import { evidenceLine } from './evidence-lines.ts';
import { figure } from './figure.ts';
import type { Palette } from './palette.ts';
import { hanging } from './wrap.ts';

export interface TimelineTextOptions {
  readonly palette: Palette;
  /** Columns that a line may take. */
  readonly width: number;
}

/** `  00:00:00.000Z  `. */
const timeWidth = 17;

/** Events in their order, those of one kind in a row as one; under each its place and line, control characters escaped. */
export function timelineText(events: readonly LogEvent[], { palette, width }: TimelineTextOptions): string {
  if (events.length === 0) return 'no known line in any log\n';
  const runs = runsOf(events);
  const nameWidth = Math.max(...runs.map(({ first }) => shown(first.component, 40).length));
  const lines: string[] = [];
  let date = '';
  for (const run of runs) {
    const { first } = run;
    const day = first.time === null ? date : dateOf(first.time);
    if (day !== date) lines.push(palette.strong(day));
    date = day;
    const name = shown(first.component, 40).padEnd(nameWidth);
    const meaning = hanging(meaningOf(run), timeWidth + nameWidth + 2, width);
    lines.push(`  ${clock(first.time).padEnd(timeWidth - 2)}${palette.strong(name)}  ${meaning}`);
    lines.push(evidenceLine({ ...first.at, text: first.text }, { palette, width, indent: 4 }));
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

function meaningOf({ first, last, count }: Run): string {
  const until = last.time === null ? '' : ` until ${clockOf(last.time)}`;
  return count === 1 ? first.meaning : `${first.meaning}  ${figure(count)}x${until}`;
}

function clock(time: Instant | null): string {
  return time === null ? '(no time)' : clockOf(time);
}

function dateOf(time: Instant): string {
  return formatIsoTime(time).slice(0, 10);
}

function clockOf(time: Instant): string {
  return formatIsoTime(time).slice(11);
}

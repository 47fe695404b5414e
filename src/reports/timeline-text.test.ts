import { expect, test } from 'vitest';
import { instant } from '#facts/instant.ts';
import type { LogEvent } from '#facts/log.ts';
import { plain } from './palette.ts';
import { timelineText } from './timeline-text.ts';

const options = { palette: plain, width: 400 };

function event(iso: string | null, component: string, line: number, rest: Partial<LogEvent> = {}): LogEvent {
  const time = iso === null ? null : instant(Date.parse(iso));
  const at = { source: `logs/${component}.log`, line };
  return {
    signature: 'exec-failed',
    component,
    time,
    at,
    text: 'fork/exec x',
    meaning: 'a child could not be started',
    fields: {},
    ...rest,
  };
}

test('events of one kind in a row are one line, with those left out counted', () => {
  const events = [
    event('2025-09-19T23:59:59.5Z', 'kubelet', 7),
    event('2025-09-20T00:00:01Z', 'kubelet', 8, { suppressed: 40 }),
    event('2025-09-20T00:00:02Z', 'kubelet', 90),
    event('2025-09-20T00:00:03Z', 'calico-node', 1, {
      signature: 'felix-starting',
      meaning: 'Felix starts',
      text: 'Felix \u001b[31mstarting up',
    }),
    event(null, 'calico-node', 2),
  ];
  expect(timelineText(events, options)).toMatchInlineSnapshot(`
    "2025-09-19
      23:59:59.500Z  kubelet      a child could not be started  43x until 00:00:02.000Z
        logs/kubelet.log:7  fork/exec x
    2025-09-20
      00:00:03.000Z  calico-node  Felix starts
        logs/calico-node.log:1  Felix \\x1b[31mstarting up
      (no time)      calico-node  a child could not be started
        logs/calico-node.log:2  fork/exec x
    "
  `);
});

test('on a narrow terminal no line is wider, and no place is cut', () => {
  const long = [event('2025-09-20T00:00:01Z', 'kubelet', 8, { meaning: 'a child could not be started '.repeat(6), text: 'x'.repeat(500) })];
  const lines = timelineText(long, { palette: plain, width: 60 }).split('\n');
  expect(lines.filter((line) => line.length > 60)).toEqual([]);
  expect(lines.some((line) => line.includes('logs/kubelet.log:8'))).toBe(true);
});

test('no event is said so', () => {
  expect(timelineText([], options)).toBe('no known line in any log\n');
});

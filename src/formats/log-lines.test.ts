import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from '#facts/instant.ts';
import { readLogLines } from './log-lines.ts';
import { formatIsoTime } from './parse-time.ts';

const context = {
  source: 'logs/x.log',
  notAfter: instant(Date.UTC(2025, 8, 20, 3)),
  bootedAt: instant(Date.UTC(2025, 8, 20, 2)),
};
const bytes = (text: string) => [new TextEncoder().encode(text)];
const read = (text: string) => [...readLogLines(bytes(text), context)];

test.each([
  ['CRI', '2025-09-20T02:13:07.123456789Z stderr F runtime/cgo: failed', '2025-09-20T02:13:07.123Z', null, 'runtime/cgo: failed'],
  ['CRI, empty message', '2025-09-20T10:13:07.5+08:00 stdout F ', '2025-09-20T02:13:07.500Z', null, ''],
  [
    'CRI around Felix',
    '2025-09-20T02:13:08Z stdout F 2025-09-20 02:13:07.123 [WARNING][56] felix/table.go 12: x k=1',
    '2025-09-20T02:13:08.000Z',
    'warning',
    'x k=1',
  ],
  [
    'Felix',
    '2025-09-20 02:13:07.123 [INFO][56] felix/feature_detect.go 112: Looked up backendMode="nft"',
    '2025-09-20T02:13:07.123Z',
    'info',
    'Looked up backendMode="nft"',
  ],
  ['Felix panic', '2025-09-20 02:13:07.123 [PANIC][56] felix/table.go 1: gave up', '2025-09-20T02:13:07.123Z', 'fatal', 'gave up'],
  [
    'klog',
    'E0920 02:13:07.123456   12345 server.go:12] Could not set up iptables canary',
    '2025-09-20T02:13:07.123Z',
    'error',
    'Could not set up iptables canary',
  ],
  [
    'journal',
    '2025-09-20T02:13:07.123456+0000 n1 kubelet[812]: E0920 02:13:07.000000  812 a.go:1] pleg',
    '2025-09-20T02:13:07.123Z',
    'error',
    'pleg',
  ],
  ['journal short-iso', '2025-09-20T10:13:07+0800 n1 systemd[1]: Started x.', '2025-09-20T02:13:07.000Z', null, 'Started x.'],
  ['syslog', 'Sep 20 02:13:07 n1 kernel: cgroup: fork rejected', '2025-09-20T02:13:07.000Z', null, 'cgroup: fork rejected'],
  ['docker', '{"log":"fork failed\\n","stream":"stderr","time":"2025-09-20T02:13:07.1Z"}', '2025-09-20T02:13:07.100Z', null, 'fork failed'],
  [
    'journal json',
    '{"__REALTIME_TIMESTAMP":"1758334387123456","PRIORITY":"3","MESSAGE":"bad"}',
    '2025-09-20T02:13:07.123Z',
    'error',
    'bad',
  ],
  ['journal json, bytes', '{"__REALTIME_TIMESTAMP":"1758334387123456","MESSAGE":[27,65]}', '2025-09-20T02:13:07.123Z', null, '\x1bA'],
  [
    'kmsg',
    '6,1234,787123456,-;cgroup: fork rejected by pids controller in /a',
    '2025-09-20T02:13:07.123Z',
    'info',
    'cgroup: fork rejected by pids controller in /a',
  ],
  ['kmsg, escaped', '30,1,0,-,caller=T1;caf\\xc3\\xa9', '2025-09-20T02:00:00.000Z', 'info', 'café'],
  [
    'logrus',
    'time="2025-09-20T02:13:07Z" level=error msg="failed \\"x\\"" error=y',
    '2025-09-20T02:13:07.000Z',
    'error',
    'failed "x" error=y',
  ],
  ['plain', 'bash: fork: retry: Resource temporarily unavailable', null, null, 'bash: fork: retry: Resource temporarily unavailable'],
  ['other JSON', '{"level":"info"}', null, null, '{"level":"info"}'],
  ['broken JSON', '{"log":"x', null, null, '{"log":"x'],
  ['Iffy text that is not klog', 'Information', null, null, 'Information'],
])('%s', (_, text, time, level, message) => {
  const [line, ...others] = read(`${text}\n`);
  expect(others).toEqual([]);
  expect(line).toMatchObject({ level, message, text, at: { source: 'logs/x.log', line: 1 } });
  expect(line?.time === null ? null : formatIsoTime(line?.time ?? instant(0))).toBe(time);
});

test('a split message is one line, placed at its first part; streams do not mix', () => {
  const at = '2025-09-20T02:13:07Z';
  const lines = read(
    [`${at} stdout P one `, `${at} stderr F other`, `${at} stdout P two `, `${at} stdout F three`, `${at} stdout P cut`].join('\n'),
  );
  expect(lines.map((line) => [line.at.line, line.message])).toEqual([
    [2, 'other'],
    [1, 'one two three'],
    [5, 'cut'],
  ]);
});

test('a docker message without line end goes on in the next line', () => {
  const lines = read(
    '{"log":"a","stream":"stdout","time":"2025-09-20T02:13:07Z"}\n{"log":"b\\n","stream":"stdout","time":"2025-09-20T02:13:08Z"}\n',
  );
  expect(lines.map((line) => [line.at.line, line.message])).toEqual([[1, 'ab']]);
});

test('any bytes give lines, in order, with the text as it stands', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }).map((s) => s.replace(/[\r\n]/g, ''))), (texts) => {
      const lines = read(texts.map((text) => `${text}\n`).join(''));
      expect(lines.map((line) => line.at.line)).toEqual(texts.map((_, i) => i + 1));
    }),
  );
});

import { formatAddress } from '#facts/address.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { Modules, TargetModule } from '../module.ts';
import { nameOf, option, quoted, when } from '../words.ts';
import { withoutEffect } from './packet-fields.ts';

/** Targets that tell somebody about the packet. */

const logOptions = [
  { bit: 1, name: '--log-tcp-sequence' },
  { bit: 2, name: '--log-tcp-options' },
  { bit: 4, name: '--log-ip-options' },
  { bit: 8, name: '--log-uid' },
  { bit: 32, name: '--log-macdecode' },
];
const defaultLevel = 4;

/** struct xt_log_info: level, flags, prefix. */
function logWords(blob: Blob): string {
  const prefix = blob.text(2, 30);
  return [
    prefix === '' ? '' : ` --log-prefix${quoted(prefix)}`,
    when(blob.u8(0) !== defaultLevel, '--log-level', blob.u8(0)),
    ...logOptions.map(({ bit, name }) => when((blob.u8(1) & bit) !== 0, name)),
  ].join('');
}

/** struct xt_nflog_info: length, group, threshold, flags, prefix. `--nflog-range`, which does nothing, is a length without its flag. */
function nflogWords(blob: Blob): string {
  const prefix = blob.text(12, 64);
  const hasLength = (blob.u16(8) & 1) !== 0;
  return [
    prefix === '' ? '' : ` --nflog-prefix${quoted(prefix)}`,
    when(blob.u16(4) !== 0, '--nflog-group', blob.u16(4)),
    hasLength ? option('--nflog-size', blob.u32(0)) : when(blob.u32(0) !== 0, '--nflog-range', blob.u32(0)),
    when(blob.u16(6) !== 0, '--nflog-threshold', blob.u16(6)),
  ].join('');
}

/** struct ipt_ulog_info (before Linux 3.17): the group as a bit, bytes to copy, queue threshold, prefix. */
function ulogWords(blob: Blob): string {
  const prefix = blob.text(24, 32);
  const group = 32 - Math.clz32(blob.u32(0));
  return [
    prefix === '' ? '' : ` --ulog-prefix${quoted(prefix)}`,
    when(group !== 1, '--ulog-nlgroup', group),
    when(blob.u64(8) !== 0n, '--ulog-cprange', blob.u64(8)),
    when(blob.u64(16) !== 1n, '--ulog-qthreshold', blob.u64(16)),
  ].join('');
}

const bypass = 1;
const byCpu = 2;

/** struct xt_NFQ_info to _v3: first queue, number of queues, flags (of revision 2 the bypass alone). */
function queue(revision: 0 | 1 | 2 | 3): TargetModule {
  const flagsOf = (blob: Blob): number => (revision < 2 ? 0 : blob.u16(4));
  const totalOf = (blob: Blob): number => (revision === 0 ? 1 : blob.u16(2));
  return {
    size: [2, 4, 6, 6][revision] as number,
    target(blob, _context, text) {
      if (flagsOf(blob) > (revision === 2 ? bypass : bypass | byCpu)) throw new UnreadableValue(`flags '${flagsOf(blob)}'`);
      return { kind: 'queue', bypass: (flagsOf(blob) & bypass) !== 0, text: text() };
    },
    words(blob) {
      const [first, total, flags] = [blob.u16(0), totalOf(blob), flagsOf(blob)];
      return (
        (total > 1 ? option('--queue-balance', `${first}:${first + total - 1}`) : option('--queue-num', first)) +
        when((flags & bypass) !== 0, '--queue-bypass') +
        when((flags & byCpu) !== 0, '--queue-cpu-fanout')
      );
    },
  };
}

/** A copy goes to the gateway; the packet itself goes on. */
const copy: TargetModule = {
  size: 40,
  target: () => ({ kind: 'continue', name: 'TEE' }),
  words: (blob, { family }) =>
    option('--gateway', formatAddress(blob.address(0, family))) + when(blob.text(16, 16) !== '', '--oif', blob.text(16, 16)),
};

const idleTimer = (size: number, alarmAt: number | null): TargetModule =>
  withoutEffect(
    'IDLETIMER',
    size,
    (blob) =>
      option('--timeout', blob.u32(0)) + option('--label', blob.text(4, 28)) + when(alarmAt !== null && blob.u8(alarmAt) === 1, '--alarm'),
  );

/** Answers the connection's beginning itself; printed, not modelled. Options: 1 MSS, 2 window scale, 4 SACK, 8 time stamps, 16 ECN. */
const synproxy: TargetModule = {
  size: 4,
  words(blob) {
    const has = (bit: number): boolean => (blob.u8(0) & bit) !== 0;
    return (
      when(has(4), '--sack-perm') +
      when(has(8), '--timestamp') +
      when(has(2), '--wscale', blob.u8(1)) +
      when(has(1), '--mss', blob.u16(2)) +
      when(has(16), '--ecn')
    );
  },
};

/** Units of a quarter of a second, as powers of two. */
function duration(quarters: number): string {
  const milliseconds = 250 * quarters;
  return milliseconds >= 1000 ? `${(milliseconds / 1000).toFixed(1)}s` : `${milliseconds.toFixed(1)}ms`;
}

const rateEstimator = withoutEffect('RATEEST', 32, (blob) => {
  const interval = 2 ** (((blob.u8(16) << 24) >> 24) + 2);
  return (
    option('--rateest-name', blob.text(0, 16)) +
    option('--rateest-interval', duration(interval)) +
    option('--rateest-ewmalog', duration(interval * 2 ** blob.u8(17)))
  );
});

export const watcherModules: Modules<TargetModule> = {
  'LOG/0': withoutEffect('LOG', 32, logWords),
  'NFLOG/0': withoutEffect('NFLOG', 76, nflogWords),
  'ULOG/0': withoutEffect('ULOG', 56, ulogWords),
  'TRACE/0': withoutEffect('TRACE', 0, () => ''),
  'AUDIT/0': withoutEffect('AUDIT', 1, (blob) => option('--type', nameOf(blob.u8(0), ['accept', 'drop', 'reject']))),
  'AUDIT/1': withoutEffect('AUDIT', 1, (blob) => option('--type', nameOf(blob.u8(0), ['accept', 'drop', 'reject']))),
  'NFQUEUE/0': queue(0),
  'NFQUEUE/1': queue(1),
  'NFQUEUE/2': queue(2),
  'NFQUEUE/3': queue(3),
  'TEE/1': copy,
  'IDLETIMER/0': idleTimer(40, null),
  'IDLETIMER/1': idleTimer(48, 33),
  'SYNPROXY/0': synproxy,
  'RATEEST/0': rateEstimator,
};

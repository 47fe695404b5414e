import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { Modules, TargetModule } from '../module.ts';
import { namesOfBits, when } from '../words.ts';

/** XT_CT_* of struct xt_ct_target_info. */
const flag = { notrack: 1, notrackAlias: 2, zoneOriginal: 4, zoneReply: 8, zoneOfMark: 16 } as const;

const connectionEvents = 'new related destroy reply assured protoinfo helper mark natseqinfo secmark label synproxy'.split(' ');
const zoneOptions = ['--zone', '--zone-orig', '--zone-reply', '--zone'] as const;

const zoneSide = (flags: number): 0 | 1 | 2 | 3 => ((flags >> 2) & 3) as 0 | 1 | 2 | 3;
const isAlias = (blob: Blob): boolean => (blob.u16(0) & (flag.notrack | flag.notrackAlias)) === (flag.notrack | flag.notrackAlias);

function words(blob: Blob, hasTimeout: boolean): string {
  if (isAlias(blob)) return '';
  const flags = blob.u16(0);
  const zone = (flags & flag.zoneOfMark) !== 0 ? 'mark' : blob.u16(2);
  return [
    when((flags & flag.notrack) !== 0, '--notrack'),
    when(blob.text(12, 16) !== '', '--helper', blob.text(12, 16)),
    when(hasTimeout && blob.text(28, 32) !== '', '--timeout', hasTimeout ? blob.text(28, 32) : ''),
    when(blob.u32(4) !== 0, '--ctevents', blob.u32(4) === 0 ? '' : namesOfBits(blob.u32(4), connectionEvents).join(',')),
    when(blob.u32(8) !== 0, '--expevents', 'new'),
    when(zone !== 0, zoneOptions[zoneSide(flags)], zone),
  ].join('');
}

/**
 * A rule without `--notrack` attaches a template, of zone 0 where it names none. Only the first template or NOTRACK of a packet counts
 * (xt_CT.c, xt_ct_target), so that a rule with a helper alone decides about the zone too.
 */
const ct = (revision: 0 | 1 | 2): TargetModule => ({
  size: revision === 0 ? 40 : 72,
  alias: (blob) => (isAlias(blob) ? 'NOTRACK' : null),
  target(blob) {
    const flags = blob.bits16(0, 31);
    if ((flags & flag.notrack) !== 0) return { kind: 'notrack' };
    if ((flags & flag.zoneOfMark) !== 0) throw new UnreadableValue("zone 'mark'");
    const side = zoneSide(flags);
    return { kind: 'set-zone', zone: blob.u16(2), direction: side === 1 ? 'original' : side === 2 ? 'reply' : null };
  },
  words: (blob) => words(blob, revision > 0),
});

const notrack: TargetModule = { size: 0, target: () => ({ kind: 'notrack' }), words: () => '' };

export const conntrackTargets: Modules<TargetModule> = {
  'CT/0': ct(0),
  'CT/1': ct(1),
  'CT/2': ct(2),
  'NOTRACK/0': notrack,
};

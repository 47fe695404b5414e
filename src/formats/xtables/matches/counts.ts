import { formatAddress } from '#facts/address.ts';
import { bitsOf } from '../addresses.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules, XtContext } from '../module.ts';
import { nameOf, namesOfBits, option, quoted, when } from '../words.ts';
import { stateDependent, statistic } from './chance.ts';

/** Bits of check_set of struct xt_recent_mtinfo. */
const recentFlag = { check: 1, set: 2, update: 4, remove: 8, ttl: 16, reap: 32 } as const;

function recentWords(blob: Blob, mask: string): string {
  const flags = blob.u8(8);
  const has = (bit: number): boolean => (flags & bit) !== 0;
  return [
    blob.u8(9) !== 0 ? ' !' : '',
    when(has(recentFlag.set), '--set'),
    when(has(recentFlag.check), '--rcheck'),
    when(has(recentFlag.update), '--update'),
    when(has(recentFlag.remove), '--remove'),
    when(blob.u32(0) !== 0, '--seconds', blob.u32(0)),
    when(has(recentFlag.reap), '--reap'),
    when(blob.u32(4) !== 0, '--hitcount', blob.u32(4)),
    when(has(recentFlag.ttl), '--rttl'),
    option('--name', blob.text(10, 200)),
    mask,
    nameOf(blob.u8(210), [' --rsource', ' --rdest']),
  ].join('');
}

/** `--set` alone notes the source and always matches (xt_recent.c, recent_mt); what the other options answer depends on its list. */
const recent = (size: number, mask: (blob: Blob, context: XtContext) => string): MatchModule => ({
  size,
  matches(blob, context, text) {
    const notes = blob.u8(8) === recentFlag.set && blob.u8(9) === 0 && blob.u32(0) === 0 && blob.u32(4) === 0;
    return notes ? [{ kind: 'accounting', module: 'recent' }] : stateDependent('recent')(blob, context, text);
  },
  words: (blob, context) => recentWords(blob, mask(blob, context)),
});

const connlimit = (revision: 0 | 1): MatchModule => ({
  size: 32,
  matches: stateDependent('connlimit'),
  words(blob, { family }) {
    const flags = blob.u32(20);
    const side = (flags & 2) !== 0 ? ' --connlimit-daddr' : ' --connlimit-saddr';
    return (
      option((flags & 1) !== 0 ? '--connlimit-upto' : '--connlimit-above', blob.u32(16)) +
      option('--connlimit-mask', bitsOf(blob.address(0, family).words) ?? formatAddress(blob.address(0, family))) +
      (revision === 1 ? side : '')
    );
  },
});

const noLimit = 0xffff_ffff_ffff_ffffn;

/** A range that stands the wrong way round is a negated one (xt_connbytes.c, connbytes_mt). */
const connbytes: MatchModule = {
  size: 24,
  matches: stateDependent('connbytes'),
  words(blob) {
    const [from, to] = [blob.u64(0), blob.u64(8)];
    const negated = from > to;
    const [first, last] = negated ? [to, from] : [from, to];
    return (
      option('--connbytes', last === noLimit ? first : `${first}:${last}`, negated) +
      option('--connbytes-mode', nameOf(blob.u8(16), ['packets', 'bytes', 'avgpkt'])) +
      option('--connbytes-dir', nameOf(blob.u8(17), ['original', 'reply', 'both']))
    );
  },
};

const quota: MatchModule = {
  size: 24,
  matches: stateDependent('quota'),
  words: (blob) => option('--quota', blob.u64(8), (blob.u32(0) & 1) !== 0),
};

const cpu: MatchModule = {
  size: 8,
  matches: stateDependent('cpu'),
  words: (blob) => option('--cpu', blob.u32(0), blob.u32(4) !== 0),
};

const hex8 = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

const cluster: MatchModule = {
  size: 16,
  matches: stateDependent('cluster'),
  words: (blob) =>
    option('--cluster-local-nodemask', hex8(blob.u32(4)), (blob.u32(12) & 1) !== 0) +
    option('--cluster-total-nodes', blob.u32(0)) +
    option('--cluster-hash-seed', hex8(blob.u32(8))),
};

const connlabel: MatchModule = {
  size: 4,
  matches: stateDependent('connlabel'),
  words: (blob) => `${option('--label', `"${blob.u16(0)}"`, (blob.u16(2) & 1) !== 0)}${when((blob.u16(2) & 2) !== 0, '--set')}`,
};

const comment: MatchModule = {
  size: 256,
  matches: (blob) => [{ kind: 'comment', text: blob.text(0, 256) }],
  words: (blob) => ` --comment${quoted(blob.text(0, 256))}`,
};

const nfacct: MatchModule = {
  size: 40,
  matches: () => [{ kind: 'accounting', module: 'nfacct' }],
  // iptables 1.8.9 prints two blanks.
  words: (blob) => option('--nfacct-name', ` ${blob.text(0, 32)}`),
};

/** XT_IPVS_*; the first bit alone asks whether IPVS handles the packet at all. */
const ipvs: MatchModule = {
  size: 40,
  matches: stateDependent('ipvs'),
  words(blob, { family }) {
    const [inverted, mask] = [blob.u8(38), blob.u8(39)];
    const given = (bit: number, name: string, value?: () => string | number): string =>
      (mask & bit) === 0 ? '' : option(name, value?.(), (inverted & bit) !== 0);
    const address = (): string => {
      const bits = bitsOf(blob.address(16, family).words);
      const text = formatAddress(blob.address(0, family));
      return bits === (family === 'ip' ? 32 : 128) ? text : `${text}/${bits ?? formatAddress(blob.address(16, family))}`;
    };
    return (
      (mask === 1 ? given(1, '--ipvs') : '') +
      given(2, '--vproto', () => blob.u8(34)) +
      given(4, '--vaddr', address) +
      given(8, '--vport', () => blob.be16(32)) +
      ((mask & 16) === 0 ? '' : option('--vdir', (inverted & 16) !== 0 ? 'REPLY' : 'ORIGINAL')) +
      given(32, '--vmethod', () => nameOf(blob.u8(35), ['MASQ', null, 'IPIP', 'GATE'])) +
      given(64, '--vportctl', () => blob.be16(36))
    );
  },
};

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const clock = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 19);

/** struct xt_time_info: seconds since 1970, seconds of the day, bits for days (bit 1 is the first), flags. */
const time: MatchModule = {
  size: 24,
  matches: stateDependent('time'),
  words(blob) {
    const date = (at: number): string => new Date(blob.u32(at) * 1000).toISOString().slice(0, 19);
    const [start, stop] = [blob.u32(8), blob.u32(12)];
    const monthdays = Array.from({ length: 31 }, (_, day) => day + 1).filter((day) => ((blob.u32(16) >>> day) & 1) === 1);
    const days = namesOfBits((blob.u8(20) >> 1) & 127, weekdays);
    const wholeDay = start === 0 && stop === 86_399;
    return [
      wholeDay ? '' : option('--timestart', clock(start)) + option('--timestop', clock(stop)),
      when(monthdays.length < 31, '--monthdays', monthdays.join(',')),
      when(days.length < 7, '--weekdays', days.join(',')),
      when(blob.u32(0) !== 0, '--datestart', date(0)),
      when(blob.u32(4) !== 0xffffffff, '--datestop', date(4)),
      when((blob.u8(21) & 1) !== 0, '--kerneltz'),
      when((blob.u8(21) & 2) !== 0, '--contiguous'),
    ].join('');
  },
};

/** XT_RATEEST_MATCH_*. */
const rateest: MatchModule = { size: 72, matches: stateDependent('rateest'), words: () => ' [options not decoded]' };

export const countModules: Modules<MatchModule> = {
  'statistic/0': statistic,
  'recent/0': recent(212, () => ''),
  'recent/1': recent(228, (blob, { family }) => option('--mask', formatAddress(blob.address(212, family)))),
  'connlimit/0': connlimit(0),
  'connlimit/1': connlimit(1),
  'connbytes/0': connbytes,
  'quota/0': quota,
  'cpu/0': cpu,
  'cluster/0': cluster,
  'connlabel/0': connlabel,
  'comment/0': comment,
  'nfacct/0': nfacct,
  'nfacct/1': nfacct,
  'ipvs/0': ipvs,
  'time/0': time,
  'rateest/0': rateest,
};

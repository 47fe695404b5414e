import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { option, quoted, ranged, when } from '../words.ts';

/** XT_OWNER_* of struct xt_owner_match_info. */
const ownerFlag = { uid: 1, gid: 2, socket: 4, supplementaryGroups: 8 } as const;

const owner: MatchModule = {
  size: 20,
  matches(blob, _context, text) {
    const [asked, inverted] = [blob.bits8(16, 15), blob.bits8(17, 15)];
    if (asked === 0) throw new UnreadableValue('no option');
    // Without a socket only a rule with all of its conditions inverted holds (xt_owner.c, owner_mt).
    return [{ kind: 'owner', withoutSocket: asked === inverted, text: text() }];
  },
  words(blob) {
    const given = (bit: number, name: string, value?: string): string =>
      (blob.u8(16) & bit) === 0 ? '' : option(name, value, (blob.u8(17) & bit) !== 0);
    return (
      given(ownerFlag.socket, '--socket-exists') +
      given(ownerFlag.uid, '--uid-owner', ranged(blob.u32(0), blob.u32(4), '-')) +
      given(ownerFlag.gid, '--gid-owner', ranged(blob.u32(8), blob.u32(12), '-')) +
      given(ownerFlag.supplementaryGroups, '--suppl-groups')
    );
  },
};

const socketOptions = ['--transparent', '--nowildcard', '--restore-skmark'];

/** Revision 0 has no struct; 1 to 3 know one option more each. */
const socket = (revision: 0 | 1 | 2 | 3): MatchModule => ({
  size: revision === 0 ? 0 : 1,
  matches(blob, _context, text) {
    if (revision > 0) blob.bits8(0, 2 ** revision - 1);
    return [{ kind: 'socket', text: text() }];
  },
  words: (blob) => (revision === 0 ? '' : socketOptions.map((name, bit) => when((blob.u8(0) & (1 << bit)) !== 0, name)).join('')),
});

const helper: MatchModule = {
  size: 36,
  matches: (blob) => [{ kind: 'helper', name: blob.text(4, 30), negated: blob.not32(0) }],
  words: (blob) => `${option('--helper', undefined, blob.u32(0) !== 0)}${quoted(blob.text(4, 30))}`,
};

/** By class (a number) or by path of the second hierarchy; struct xt_cgroup_info_v1 and v2 differ in the path's place. */
const cgroupByPath = (size: number, pathLength: number, classAt: number): MatchModule => ({
  size,
  words(blob: Blob) {
    const path = blob.u8(0) === 0 ? '' : `${option('--path', undefined, blob.u8(2) !== 0)}${quoted(blob.text(4, pathLength))}`;
    return path + (blob.u8(1) === 0 ? '' : option('--cgroup', blob.u32(classAt), blob.u8(3) !== 0));
  },
});

const cgroupByClass: MatchModule = { size: 8, words: (blob) => option('--cgroup', blob.u32(0), blob.u32(4) !== 0) };

export const socketModules: Modules<MatchModule> = {
  'owner/1': owner,
  'socket/0': socket(0),
  'socket/1': socket(1),
  'socket/2': socket(2),
  'socket/3': socket(3),
  'helper/0': helper,
  'cgroup/0': cgroupByClass,
  'cgroup/1': cgroupByPath(4112, 4096, 4100),
  'cgroup/2': cgroupByPath(528, 512, 4),
};

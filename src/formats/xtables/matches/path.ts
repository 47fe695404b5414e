import type { Match } from '#facts/rule.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import { interfaceName, interfaceText } from '../interface-name.ts';
import type { MatchModule, Modules, XtContext } from '../module.ts';
import { addressText, option, when } from '../words.ts';

const reversePath: MatchModule = {
  size: 1,
  matches(blob) {
    const flags = blob.bits8(0, 15);
    const has = (bit: number): boolean => (flags & bit) !== 0;
    return [{ kind: 'reverse-path', loose: has(1), validMark: has(2), acceptLocal: has(4), inverted: has(8) }];
  },
  words: (blob) =>
    ['--loose', '--validmark', '--accept-local', '--invert'].map((name, bit) => when((blob.u8(0) & (1 << bit)) !== 0, name)).join(''),
};

/** XT_PHYSDEV_OP_* in the order in which iptables prints them; names stand beside their masks. */
const deviceOptions = [
  { name: '--physdev-is-in', bit: 8, at: null },
  { name: '--physdev-in', bit: 1, at: 0 },
  { name: '--physdev-is-out', bit: 16, at: null },
  { name: '--physdev-out', bit: 2, at: 32 },
  { name: '--physdev-is-bridged', bit: 4, at: null },
] as const;

function deviceName(blob: Blob, at: number): string {
  const found = interfaceName(blob, at, at + 16);
  return found === null ? '+' : interfaceText(found);
}

const physicalDevice: MatchModule = {
  size: 66,
  matches(blob, _context, text) {
    const [inverted, mask] = [blob.bits8(64, 31), blob.bits8(65, 31)];
    if (mask === 0) throw new UnreadableValue('empty physdev match');
    return [
      {
        kind: 'physical-device',
        inName: (mask & 1) !== 0 ? deviceName(blob, 0) : null,
        outName: (mask & 2) !== 0 ? deviceName(blob, 32) : null,
        options: deviceOptions
          .filter(({ bit }) => (mask & bit) !== 0)
          .map(({ name, bit }) => ((inverted & bit) !== 0 ? `! ${name}` : name)),
        text: text(),
      },
    ];
  },
  words: (blob) =>
    deviceOptions
      .filter(({ bit }) => (blob.u8(65) & bit) !== 0)
      .map(({ name, bit, at }) => option(name, at === null ? undefined : deviceName(blob, at), (blob.u8(64) & bit) !== 0))
      .join(''),
};

const ranges = [
  { side: 'source', name: '--src-range', bit: 1, inverted: 16, at: 0 },
  { side: 'destination', name: '--dst-range', bit: 2, inverted: 32, at: 32 },
] as const;

const addressRange: MatchModule = {
  size: 68,
  matches(blob, { family }) {
    const flags = blob.bits8(64, 0x33);
    if ((flags & 3) === 0) throw new UnreadableValue('no option');
    return ranges.flatMap(({ side, bit, inverted, at }): readonly Match[] => {
      if ((flags & bit) === 0) return [];
      const [first, last] = [blob.address(at, family), blob.address(at + 16, family)];
      return [{ kind: 'address-range', side, first, last, negated: (flags & inverted) !== 0 }];
    });
  },
  words(blob, context: XtContext) {
    const flags = blob.u8(64);
    return ranges
      .map(({ name, bit, inverted, at }) =>
        (flags & bit) === 0
          ? ''
          : option(name, `${addressText(blob, at, context)}-${addressText(blob, at + 16, context)}`, (flags & inverted) !== 0),
      )
      .join('');
  },
};

export const pathModules: Modules<MatchModule> = {
  'rpfilter/0': reversePath,
  'physdev/0': physicalDevice,
  'iprange/1': addressRange,
};

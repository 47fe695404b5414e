import { formatAddress } from '#facts/address.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import { bitsOf } from '../addresses.ts';
import type { Blob } from '../blob.ts';
import type { Modules, TargetModule, XtContext } from '../module.ts';
import { hex, nameOf, option, when } from '../words.ts';

/** struct xt_mark_tginfo2: new = (old & ~mask) ^ value (xt_mark.c, mark_tg). */
const mark: TargetModule = {
  size: 8,
  target: (blob) => ({ kind: 'set-mark', value: blob.u32(0), mask: blob.u32(4) }),
  words: (blob) => option('--set-xmark', `${hex(blob.u32(0))}/${hex(blob.u32(4))}`),
};

const connmarkModes = ['set', 'save', 'restore'] as const;

/** struct xt_connmark_tginfo1 and 2: ctmark, ctmask, nfmask, then (revision 2: direction and number of bits to shift) the mode. */
function connmark(revision: 1 | 2): TargetModule {
  const modeAt = revision === 1 ? 12 : 14;
  const shift = (blob: Blob): number => (revision === 1 ? 0 : blob.u8(13));
  const direction = (blob: Blob): string => nameOf(blob.u8(12), ['--left-shift-mark', '--right-shift-mark']);
  return {
    size: 16,
    target(blob) {
      const mode = nameOf(blob.u8(modeAt), connmarkModes);
      if (shift(blob) !== 0) throw new UnreadableValue('CONNMARK options');
      const [value, connectionMask, packetMask] = [blob.u32(0), blob.u32(4), blob.u32(8)];
      if (mode === 'set') return { kind: 'set-connmark', value, mask: connectionMask };
      return { kind: mode === 'save' ? 'save-connmark' : 'restore-connmark', packetMask, connectionMask };
    },
    words(blob) {
      const mode = nameOf(blob.u8(modeAt), connmarkModes);
      const what =
        mode === 'set'
          ? option('--set-xmark', `${hex(blob.u32(0))}/${hex(blob.u32(4))}`)
          : `${option(`--${mode}-mark`)}${option('--nfmask', hex(blob.u32(8)))}${option('--ctmask', hex(blob.u32(4)))}`;
      return what + (shift(blob) === 0 ? '' : option(direction(blob), shift(blob)));
    },
  };
}

const tproxyWords = (blob: Blob, address: string, portAt: number): string =>
  option('--on-port', blob.be16(portAt)) + option('--on-ip', address) + option('--tproxy-mark', `${hex(blob.u32(4))}/${hex(blob.u32(0))}`);

/** struct xt_tproxy_target_info: mask and value of the mark, address, port; revision 1 has room for IPv6. An address of zeros is none. */
function tproxy(revision: 0 | 1): TargetModule {
  const portAt = revision === 0 ? 12 : 24;
  const addressOf = (blob: Blob, { family }: XtContext) => blob.address(8, revision === 0 ? 'ip' : family);
  return {
    size: revision === 0 ? 16 : 28,
    target(blob, context) {
      const address = addressOf(blob, context);
      const given = address.words.some((word) => word !== 0);
      return { kind: 'tproxy', address: given ? address : null, port: blob.be16(portAt), mark: blob.u32(4), mask: blob.u32(0) };
    },
    words: (blob, context) => tproxyWords(blob, formatAddress(addressOf(blob, context)), portAt),
  };
}

/** XT_HMARK_* bits in the order in which iptables prints them, where they say what the plain forms of the rule say. */
const hashOptions: readonly { readonly bit: number; readonly name: string; readonly text: (blob: Blob, context: XtContext) => string }[] = [
  { bit: 0x1, name: '--hmark-src-prefix', text: (blob, { family }) => String(bitsOf(blob.address(0, family).words) ?? 0) },
  { bit: 0x2, name: '--hmark-dst-prefix', text: (blob, { family }) => String(bitsOf(blob.address(16, family).words) ?? 0) },
  { bit: 0x40, name: '--hmark-sport-mask', text: (blob) => `0x${blob.be16(32).toString(16).padStart(4, '0')}` },
  { bit: 0x80, name: '--hmark-dport-mask', text: (blob) => `0x${blob.be16(34).toString(16).padStart(4, '0')}` },
  { bit: 0x200, name: '--hmark-rnd', text: (blob) => `0x${blob.u32(48).toString(16).padStart(8, '0')}` },
  { bit: 0x400, name: '--hmark-mod', text: (blob) => String(blob.u32(52)) },
  { bit: 0x800, name: '--hmark-offset', text: (blob) => String(blob.u32(56)) },
];

/** A mark from a hash of the packet. We print its plain forms and model none. */
const hashMark: TargetModule = {
  size: 60,
  words(blob, context) {
    const flags = blob.u32(40);
    const printed = hashOptions.filter(({ bit }) => (flags & bit) !== 0);
    const rest = printed.reduce((bits, { bit }) => bits & ~bit, flags);
    return printed.map(({ name, text }) => option(name, text(blob, context))).join('') + when(rest !== 0, '[options not decoded]');
  },
};

export const markModules: Modules<TargetModule> = {
  'MARK/2': mark,
  'CONNMARK/1': connmark(1),
  'CONNMARK/2': connmark(2),
  'TPROXY/0': tproxy(0),
  'TPROXY/1': tproxy(1),
  'HMARK/0': hashMark,
};

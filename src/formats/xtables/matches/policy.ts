import { UnreadableValue } from '../../iptables-save/values.ts';
import { maskedText } from '../addresses.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules, XtContext } from '../module.ts';
import { protocolText } from '../protocol-names.ts';
import { hex, nameOf, option, when } from '../words.ts';

/** XT_POLICY_MATCH_* of struct xt_policy_info. */
const flag = { in: 1, out: 2, none: 4, strict: 8 } as const;
const elementSize = 76;
const most = 4;

/** Bit fields of struct xt_policy_spec. */
const field = { source: 0, destination: 1, protocol: 2, mode: 3, spi: 4, requestId: 5 } as const;

function elementWords(blob: Blob, at: number, { family }: XtContext): string {
  const given = (index: number, name: string, value: () => string | number): string =>
    blob.bitField(at + 74, index) ? option(name, value(), blob.bitField(at + 75, index)) : '';
  const address = (offset: number): string => maskedText(blob.address(at + offset, family), blob.address(at + offset + 16, family));
  return [
    given(field.requestId, '--reqid', () => blob.u32(at + 68)),
    given(field.spi, '--spi', () => hex(blob.u32(at + 64))),
    given(field.protocol, '--proto', () => protocolText(blob.u8(at + 72))),
    given(field.mode, '--mode', () => nameOf(blob.u8(at + 73), ['transport', 'tunnel'])),
    given(field.destination, '--tunnel-dst', () => address(32)),
    given(field.source, '--tunnel-src', () => address(0)),
  ].join('');
}

function furtherWords(blob: Blob, context: XtContext): string {
  const elements = Array.from({ length: Math.min(blob.u16(306), most) }, (_, i) => elementWords(blob, i * elementSize, context));
  return when((blob.u16(304) & flag.strict) !== 0, '--strict') + elements.join(' --next');
}

const policy: MatchModule = {
  size: 308,
  matches(blob, context) {
    const flags = blob.bits16(304, 15);
    const count = blob.u16(306);
    const directions = flags & (flag.in | flag.out);
    if (directions !== flag.in && directions !== flag.out) throw new UnreadableValue('direction');
    // Where no element is compared none matches, whatever the text says (xt_policy.c, match_policy_in).
    if (count > most || (count === 0 && (flags & flag.none) === 0)) throw new UnreadableValue(`${count} policies`);
    return [
      {
        kind: 'ipsec-policy',
        direction: directions === flag.in ? 'in' : 'out',
        ipsec: (flags & flag.none) === 0,
        text: furtherWords(blob, context).trim(),
      },
    ];
  },
  words: (blob, context) =>
    when((blob.u16(304) & flag.in) !== 0, '--dir', 'in') +
    when((blob.u16(304) & flag.out) !== 0, '--dir', 'out') +
    option('--pol', (blob.u16(304) & flag.none) !== 0 ? 'none' : 'ipsec') +
    furtherWords(blob, context),
};

export const policyModules: Modules<MatchModule> = { 'policy/0': policy };

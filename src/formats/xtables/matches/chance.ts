import type { Match } from '#facts/rule.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import type { MatchModule } from '../module.ts';
import { option } from '../words.ts';

/** Matches whose answer depends on what the kernel counts, or on the time: the fact holds their text. */
export const stateDependent =
  (module: string): NonNullable<MatchModule['matches']> =>
  (_blob, _context, text) => [{ kind: 'state-dependent', module, text: text() }];

const mode = { random: 0, nth: 1 } as const;
const whole = 0x80000000;

/** struct xt_statistic_info: a probability of 2^31, or every-th packet less one. */
export const statistic: MatchModule = {
  size: 24,
  matches(blob): readonly Match[] {
    const negated = blob.bits16(2, 1) === 1;
    if (blob.u16(0) === mode.nth) return [{ kind: 'statistic', mode: 'nth', probability: 1 / (blob.u32(4) + 1), negated }];
    if (blob.u16(0) !== mode.random || blob.u32(4) > whole) throw new UnreadableValue('mode or probability');
    return [{ kind: 'statistic', mode: 'random', probability: blob.u32(4) / whole, negated }];
  },
  words(blob) {
    const negated = (blob.u16(2) & 1) !== 0;
    if (blob.u16(0) === mode.nth) return ` --mode nth${option('--every', blob.u32(4) + 1, negated)}${option('--packet', blob.u32(8))}`;
    if (blob.u16(0) !== mode.random) throw new UnreadableValue(`mode '${blob.u16(0)}'`);
    return ` --mode random${option('--probability', (blob.u32(4) / whole).toFixed(11), negated)}`;
  },
};

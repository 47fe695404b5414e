import type { Verdict } from '#facts/packet-walk.ts';
import type { Palette } from './palette.ts';

const colours = { delivered: 'good', dropped: 'bad', rejected: 'bad', undecided: 'warn' } as const satisfies Record<Verdict, keyof Palette>;

/** A verdict as it is written everywhere: what is not delivered stands out, also without colour. */
export function verdictText(verdict: Verdict, palette: Palette, note = ''): string {
  const word = verdict === 'delivered' ? verdict : verdict.toUpperCase();
  return palette[colours[verdict]](`${word}${note}`);
}

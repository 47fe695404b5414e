import type { Reach, ReachFate } from '#facts/reach.ts';
import { shown } from '#formats/shown.ts';
import type { Palette } from './palette.ts';
import { placeText } from './rule-text.ts';
import { verdictText } from './verdict-text.ts';
import { hanging } from './wrap.ts';

const maxShown = 12;

interface SetOptions {
  readonly palette: Palette;
  /** Columns that a line may take. */
  readonly width: number;
  /** All of them, not the first few. */
  readonly wide: boolean;
}

/** Which ports of a pair, and which sources, pass. */
export function setLines({ ports, sources }: Reach, options: SetOptions): readonly string[] {
  const { palette, width, wide } = options;
  const line = (set: ReachFate, members: readonly string[]): string =>
    `     ${hanging(`${fateText(set, palette)}: ${cutList(members, wide)}`, 7, width)}`;
  return [
    ...ports.flatMap(({ protocol, family, from, to, sets }) => [
      ` ports of ${shown(to, 80)} from ${shown(from, 80)}, ${protocol} over ${family === 'ip' ? 'IPv4' : 'IPv6'}:`,
      ...sets.map((set) => {
        const all = set.ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
        return line(set, all);
      }),
      '',
    ]),
    ...sources.flatMap(({ protocol, to, inInterface, sets, because }) => [
      ` sources of ${protocol} to ${shown(to, 80)} that arrive by ${shown(inInterface)}:`,
      ...(sets === null ? [`     not told apart: ${shown(because ?? '', 200)}`] : sets.map((set) => line(set, set.prefixes))),
      '',
    ]),
  ];
}

function fateText({ verdict, blame, kernel, request }: ReachFate, palette: Palette): string {
  const leg = verdict !== 'delivered' && request === 'delivered' ? 'reply ' : '';
  const by = blame !== null ? ` by ${placeText(blame)}` : kernel === null ? '' : ` (${shown(kernel, 160)})`;
  return `${leg}${verdictText(verdict, palette)}${by}`;
}

function cutList(all: readonly string[], wide: boolean): string {
  const some = all.slice(0, wide ? undefined : maxShown);
  return `${some.join(', ')}${some.length === all.length ? '' : ` and ${all.length - some.length} more`}`;
}

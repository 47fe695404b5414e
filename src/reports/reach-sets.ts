import type { Reach, ReachFate } from '#facts/reach.ts';
import { shown } from '#formats/shown.ts';

const maxShown = 12;

/** Which ports of a pair, and which sources, pass. */
export function setLines({ ports, sources }: Reach, { wide }: { readonly wide: boolean }): readonly string[] {
  return [
    ...ports.flatMap(({ protocol, family, from, to, sets }) => [
      ` ports of ${shown(to, 80)} from ${shown(from, 80)}, ${protocol} over ${family === 'ip' ? 'IPv4' : 'IPv6'}:`,
      ...sets.map((set) => {
        const all = set.ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
        return `     ${fateText(set)} ${cutList(all, wide)}`;
      }),
      '',
    ]),
    ...sources.flatMap(({ protocol, to, inInterface, sets, because }) => [
      ` sources of ${protocol} to ${shown(to, 80)} that arrive by ${shown(inInterface)}:`,
      ...(sets === null
        ? [`     not told apart: ${shown(because ?? '', 200)}`]
        : sets.map((set) => `     ${fateText(set)} ${cutList(set.prefixes, wide)}`)),
      '',
    ]),
  ];
}

function fateText({ verdict, blame, kernel, request }: ReachFate): string {
  const leg = verdict !== 'delivered' && request === 'delivered' ? 'reply ' : '';
  const by =
    blame !== null
      ? ` by ${blame.backend} ${blame.table} ${blame.chain}${blame.rule === null ? '' : ` #${blame.rule}`}`
      : kernel === null
        ? ''
        : ` (${kernel})`;
  return `${(leg + (verdict === 'delivered' ? verdict : verdict.toUpperCase()) + shown(by, 160)).padEnd(10)}:`;
}

function cutList(all: readonly string[], wide: boolean): string {
  const some = all.slice(0, wide ? undefined : maxShown);
  return `${some.join(', ')}${some.length === all.length ? '' : ` and ${all.length - some.length} more`}`;
}

import type { Verdict } from '#facts/packet-walk.ts';
import type { Reach, ReachPart } from '#facts/reach.ts';
import { shown } from '#formats/shown.ts';
import type { Palette } from './palette.ts';
import { cut, hanging } from './wrap.ts';

const marks: Readonly<Record<Verdict, string>> = { delivered: '.', dropped: 'x', rejected: 'r', undecided: '?' };
const maxRows = 40;
const mostNameWidth = 44;

interface MatrixOptions {
  readonly palette: Palette;
  /** Columns that a line may take. */
  readonly width: number;
}

const legend = '. delivered, x dropped, r rejected, ? undecided';

/** A picture of each part, those that are alike once; [] where none would fit, or all is delivered. */
export function reachMatrices({ parts }: Reach, options: MatrixOptions): readonly string[] {
  const drawn = parts.map((part) => ({ part, lines: matrixOf(part, options) })).filter(({ lines }) => lines.length > 0);
  return [...Map.groupBy(drawn, ({ part, lines }) => `${part.protocol}\n${lines.join('\n')}`).values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const families = alike.map(({ part }) => (part.family === 'ip' ? 'IPv4' : 'IPv6')).join(' and ');
    return [
      ` ${hanging(`${first.part.protocol} over ${families}: from each row to each column (${legend})`, 3, options.width)}`,
      ...first.lines,
      '',
    ];
  });
}

/** Endpoints that the rules treat alike are one row, or one column. */
function matrixOf(part: ReachPart, { palette, width }: MatrixOptions): readonly string[] {
  const { sources, destinations, classes } = part;
  if (sources.length * destinations.length > 1_000_000 || classes.every(({ verdict }) => verdict === 'delivered')) return [];
  const cells = cellsOf(part);
  const columns = alike(destinations.map((_, column) => cells.map((row) => row[column] as string)));
  const rows = alike(
    cells.map((row) =>
      columns.map(({ first, members }) => markOf(members.map((column) => row[column] as string)) || (row[first] as string)),
    ),
  );
  const label = (members: readonly number[], all: ReachPart['sources']): string => {
    const name = shown(all[members[0] as number]?.name ?? '', mostNameWidth - 14);
    return members.length === 1 ? name : `${name} and ${members.length - 1} more`;
  };
  const names = rows.map(({ members }) => label(members, sources));
  const nameWidth = Math.max(...names.map((name) => name.length));
  if (rows.length > maxRows || nameWidth + 2 + columns.length * 3 > width) return [];
  const tint = (mark: string): string => (mark === 'x' || mark === 'r' ? palette.bad(mark) : mark === '?' ? palette.warn(mark) : mark);
  return [
    ...columns.map(({ members }, i) => cut(` ${' '.repeat(nameWidth)} ${'  |'.repeat(i)}  ${label(members, destinations)}`, width)),
    ...rows.map(({ line }, i) => ` ${(names[i] as string).padEnd(nameWidth)} ${line.map((mark) => `  ${tint(mark)}`).join('')}`.trimEnd()),
  ];
}

function cellsOf({ sources, destinations, classes }: ReachPart): readonly (readonly string[])[] {
  const cells = sources.map(() => new Array<string>(destinations.length).fill(' '));
  for (const { verdict, rectangles } of classes)
    for (const { from, to } of rectangles)
      for (const row of from) for (const column of to) (cells[row] as string[])[column] = marks[verdict];
  return cells;
}

interface Alike {
  readonly first: number;
  readonly members: number[];
  readonly line: string[];
}

/** Lines that nowhere differ; a blank, for a pair that was not asked about, differs from nothing. */
function alike(lines: readonly (readonly string[])[]): readonly Alike[] {
  const groups: Alike[] = [];
  for (const [i, line] of lines.entries()) {
    const found = groups.find((group) => group.line.every((mark, at) => mark === line[at] || mark === ' ' || line[at] === ' '));
    if (found === undefined) groups.push({ first: i, members: [i], line: [...line] });
    else {
      found.members.push(i);
      for (const [at, mark] of line.entries()) if (found.line[at] === ' ') found.line[at] = mark;
    }
    if (groups.length > 200) return groups;
  }
  return groups;
}

const markOf = (all: readonly string[]): string => all.find((mark) => mark !== ' ') ?? '';

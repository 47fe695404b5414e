import type { LimitReport, LimitUse } from '#facts/limit.ts';
import { shown } from '#formats/shown.ts';
import { columns } from './columns.ts';
import { figure } from './figure.ts';
import type { Palette } from './palette.ts';
import { reasonText } from './rule-text.ts';
import { hanging } from './wrap.ts';

export interface LimitsTextOptions {
  readonly palette: Palette;
  /** Columns that a line may take. */
  readonly width: number;
  /** All rows, and their evidence. */
  readonly wide: boolean;
}

const barWidth = 8;
const leastNameWidth = 23;
const shownRows = 12;

/** Every limit as one row with its use as a bar, the one that binds with its evidence above. `wide` shows all rows and their evidence. */
export function limitsText(node: string, report: LimitReport, options: LimitsTextOptions): string {
  const { wide, palette } = options;
  const limited = report.limits.filter((row) => row.limit !== null);
  const rows = wide ? report.limits : limited.filter((row, index) => index < shownRows || row.state !== 'free');
  const hidden = report.limits.length - rows.length;
  const lines = [
    headline(node, report, options),
    '',
    ...proofs(report, options),
    ...(rows.length === 0 ? [` ${palette.warn('no limit could be read')}`] : table(rows, options)),
    ...(hidden > 0 ? [` ${hidden} more with room: -o wide`] : []),
    '',
    ...(wide ? evidenceOfAll(rows, options) : []),
    ...questions(report, options),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function headline(node: string, { binding, limits, undecided }: LimitReport, { palette, width }: LimitsTextOptions): string {
  const name = shown(node, 60);
  const strong = (text: string): string => palette.strong(name) + hanging(`${name}   ${text}`, 3, width).slice(name.length);
  if (binding !== null) {
    const use = `${figure(binding.use)} of ${figure(binding.limit ?? 0)} ${binding.unit}`;
    return strong(`${titleOf(binding)} ${palette.bad('BINDS')}: ${use}`);
  }
  const open = undecided.length === 0 ? '' : `, ${undecided.length} not decided`;
  if (limits.length === 0) return strong(`no limit is in the snapshot${open}`);
  const earlier = limits.filter((row) => row.state === 'bound').length;
  const past = earlier === 0 ? '' : `; ${earlier} refused something earlier and ha${earlier === 1 ? 's' : 've'} room now`;
  return strong(`no limit that could be read binds now${past}${open}`);
}

function titleOf(row: LimitUse): string {
  return row.id === 'cgroup-pids' ? `pids limit of ${shown(row.subject, 60)}` : `${row.id} of ${shown(row.subject, 40)}`;
}

/** What binds or has bound, each with the lines that show it. */
function proofs({ limits }: LimitReport, options: LimitsTextOptions): readonly string[] {
  const { palette, width, wide } = options;
  const telling = limits.filter((row) => row.state === 'binds' || row.state === 'bound');
  return telling.slice(0, wide ? undefined : 3).flatMap((row) => {
    const mark = row.state === 'binds' ? palette.bad('x') : palette.warn('o');
    return [` ${mark} ${hanging(`${titleOf(row)} ${row.state}${refusals(row)}`, 3, width)}`, ...grounds(row, options), ''];
  });
}

/** The lines that show a limit, and who set it. Lines that say the same say it once. */
function grounds({ evidence, owner }: LimitUse, { palette, width }: LimitsTextOptions): readonly string[] {
  const lines = evidence.flatMap(({ source, line, text, says }, i) => {
    const place = `   ${shown(source, 200)}:${line}  ${shown(text.trim().replaceAll('\t', ' '), 60)}`;
    if (says === evidence[i + 1]?.says) return [palette.quiet(place)];
    const meaning = shown(says, 300);
    const isOneLine = says !== evidence[i - 1]?.says && place.length + 2 + meaning.length <= width;
    return isOneLine ? [`${palette.quiet(place)}  ${meaning}`] : [palette.quiet(place), `     ${hanging(meaning, 5, width)}`];
  });
  return [...lines, `   set by: ${hanging(owner, 11, width)}`];
}

function refusals(row: LimitUse): string {
  return row.refused === null || row.refused === 0
    ? ''
    : `, ${figure(row.refused)} refused${row.confidence === undefined ? '' : ', as far as can be seen'}`;
}

/** Names take what room the numbers leave; `wide` adds the peaks. */
function table(rows: readonly LimitUse[], { palette, width, wide }: LimitsTextOptions): readonly string[] {
  const head = [' ', 'limit', 'use', 'of', '', 'slack', 'refused', 'peak'];
  const shownCells = wide ? head.length : head.length - 1;
  const all = [head, ...rows.map(cells)].map((row) => row.slice(0, shownCells));
  const numbers = columns(
    all.map((row) => row.toSpliced(1, 1)),
    [1, 2, 4, 5, 6],
  );
  const room = Math.max(leastNameWidth, width - 2 - Math.max(...numbers.map((line) => line.length)));
  const named = all.map((row, i) =>
    row.with(1, i === 0 ? 'limit' : fitted(row[1] as string, room, rows[i - 1]?.id === 'cgroup-pids' ? 'end' : 'start')),
  );
  const [titles, ...lines] = columns(named, [2, 3, 5, 6, 7]);
  const tints = { binds: palette.bad, bound: palette.warn, close: palette.warn, free: (text: string) => text };
  return [palette.quiet(titles ?? ''), ...lines.map((line, i) => tints[rows[i]?.state ?? 'free'](line))];
}

const marks = { binds: 'x', bound: 'o', close: '!', free: ' ' } as const satisfies Record<LimitUse['state'], string>;

function cells(row: LimitUse): readonly string[] {
  const count = (value: number | null): string => (value === null ? '-' : figure(value));
  return [
    ` ${marks[row.state]}`,
    nameOf(row),
    `${row.estimated === true ? '~' : ''}${figure(row.use)}`,
    row.limit === null ? 'no limit' : figure(row.limit),
    row.limit === null ? '' : bar(row.use, row.limit),
    count(row.slack),
    count(row.refused),
    count(row.peak),
  ];
}

function nameOf(row: LimitUse): string {
  if (row.id === 'cgroup-pids') return shown(row.subject, 200);
  return row.subject === 'host' ? row.id : `${row.id} ${shown(row.subject, 60)}`;
}

/** A cgroup's own name stands at the end of its path; other names tell most at their start. */
function fitted(name: string, width: number, keep: 'start' | 'end'): string {
  if (name.length <= width) return name;
  return keep === 'end' ? `...${name.slice(name.length - width + 3)}` : `${name.slice(0, width - 3)}...`;
}

/** `#######...`; anything used shows at least one mark, and only a full limit shows them all. */
function bar(use: number, limit: number): string {
  const share = limit === 0 ? 1 : use / limit;
  const full = share >= 1 ? barWidth : Math.min(barWidth - 1, Math.max(use > 0 ? 1 : 0, Math.round(share * barWidth)));
  return '#'.repeat(full).padEnd(barWidth, '.');
}

function evidenceOfAll(rows: readonly LimitUse[], options: LimitsTextOptions): readonly string[] {
  const quiet = rows.filter((row) => row.state === 'close' || row.state === 'free');
  return quiet.flatMap((row) => [` ${titleOf(row)}`, ...grounds(row, options), '']);
}

function questions({ undecided }: LimitReport, { palette, width, wide }: LimitsTextOptions): readonly string[] {
  if (undecided.length === 0) return [];
  const line = (text: string): string => ` ${palette.warn('not decided:')} ${hanging(text, 14, width)}`;
  if (wide) return undecided.map(({ question, missing }) => line(`${shown(question, 300)} Missing: ${reasonText(missing)}`));
  const names = [...new Set(undecided.map((open) => open.limit))];
  return [line(`${names.join(', ')} (why: -o wide)`)];
}

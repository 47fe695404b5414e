import type { Evidence } from '#facts/evidence.ts';
import type { LimitReport, LimitUse } from '#facts/limit.ts';
import { shown } from '#formats/shown.ts';
import { columns } from './columns.ts';

const barWidth = 8;
const nameWidth = 23;
const shownRows = 12;

/** Every limit as one row with its use as a bar, the one that binds with its evidence above. `wide` shows all rows and their evidence. */
export function limitsText(node: string, report: LimitReport, detail: 'text' | 'wide'): string {
  const limited = report.limits.filter((row) => row.limit !== null);
  const rows = detail === 'wide' ? report.limits : limited.filter((row, index) => index < shownRows || row.state !== 'free');
  const hidden = report.limits.length - rows.length;
  const lines = [
    headline(node, report),
    '',
    ...proofs(report, detail),
    ...(rows.length === 0 ? [' no limit could be read'] : table(rows, detail)),
    ...(hidden > 0 ? [` ${hidden} more with room: -o wide`] : []),
    '',
    ...(detail === 'wide' ? evidenceOfAll(rows) : []),
    ...questions(report, detail),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function headline(node: string, { binding, limits, undecided }: LimitReport): string {
  const name = shown(node, 60);
  if (binding !== null)
    return `${name}   ${titleOf(binding)} BINDS: ${figure(binding.use)} of ${figure(binding.limit ?? 0)} ${binding.unit}`;
  const earlier = limits.filter((row) => row.state === 'bound').length;
  const open = undecided.length === 0 ? '' : `, ${undecided.length} not decided`;
  const past = earlier === 0 ? '' : `; ${earlier} refused something earlier and ha${earlier === 1 ? 's' : 've'} room now`;
  return `${name}   no limit that could be read binds now${past}${open}`;
}

function titleOf(row: LimitUse): string {
  return row.id === 'cgroup-pids' ? `pids limit of ${shown(row.subject, 60)}` : `${row.id} of ${shown(row.subject, 40)}`;
}

/** What binds or has bound, each with the lines that show it. */
function proofs({ limits }: LimitReport, detail: 'text' | 'wide'): readonly string[] {
  const telling = limits.filter((row) => row.state === 'binds' || row.state === 'bound');
  return telling
    .slice(0, detail === 'wide' ? undefined : 3)
    .flatMap((row) => [
      ` ${row.state === 'binds' ? 'x' : 'o'} ${titleOf(row)} ${row.state}${refusals(row)}`,
      ...row.evidence.map(cited),
      `   set by: ${row.owner}`,
      '',
    ]);
}

function refusals(row: LimitUse): string {
  return row.refused === null || row.refused === 0
    ? ''
    : `, ${figure(row.refused)} refused${row.confidence === undefined ? '' : ', as far as can be seen'}`;
}

/** At most 80 columns; `wide` adds the peaks. */
function table(rows: readonly LimitUse[], detail: 'text' | 'wide'): readonly string[] {
  const head = [' ', 'limit', 'use', 'of', '', 'slack', 'refused', 'peak'];
  const shownCells = detail === 'wide' ? head.length : head.length - 1;
  return columns(
    [head, ...rows.map(cells)].map((row) => row.slice(0, shownCells)),
    [2, 3, 5, 6, 7],
  );
}

const marks = { binds: 'x', bound: 'o', close: '!', free: ' ' } as const satisfies Record<LimitUse['state'], string>;

function cells(row: LimitUse): readonly string[] {
  const count = (value: number | null): string => (value === null ? '-' : figure(value));
  return [
    ` ${marks[row.state]}`,
    fitted(nameOf(row), nameWidth, row.id === 'cgroup-pids' ? 'end' : 'start'),
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

function evidenceOfAll(rows: readonly LimitUse[]): readonly string[] {
  const quiet = rows.filter((row) => row.state === 'close' || row.state === 'free');
  return quiet.flatMap((row) => [` ${titleOf(row)}`, ...row.evidence.map(cited), `   set by: ${row.owner}`, '']);
}

function cited({ source, line, text, says }: Evidence): string {
  return `   ${shown(source, 200)}:${line}  ${shown(text.trim().replaceAll('\t', ' '), 60)}  ${shown(says, 300)}`;
}

function questions({ undecided }: LimitReport, detail: 'text' | 'wide'): readonly string[] {
  if (undecided.length === 0) return [];
  if (detail === 'wide')
    return undecided.map(({ question, missing }) => ` not decided: ${shown(question, 300)} Missing: ${shown(missing, 300)}`);
  const names = [...new Set(undecided.map((open) => open.limit))];
  return [` not decided: ${names.join(', ')} (why: -o wide)`];
}

function figure(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

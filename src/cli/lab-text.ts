import { createColors } from 'picocolors';
import type { LabEvent, TruthRow } from '#lab/index.ts';
import { type ExitStatus, exitStatus, type Io } from './command.ts';

/** One event of a lab as lines for a person. Progress overwrites itself on a terminal and is left out elsewhere. */
export function renderLabEvent(event: LabEvent, io: Io, wide: boolean): string {
  const color = createColors(io.color);
  const fresh = io.terminal ? '\r\x1b[K' : '';
  switch (event.kind) {
    case 'phase':
      return `${fresh}\n${color.bold(event.phase)}  ${event.title}\n  ${color.dim(event.why)}\n`;
    case 'step':
      return `${fresh}  ${event.text}\n`;
    case 'progress':
      return io.terminal ? `${fresh}  ${event.text}` : '';
    case 'held':
      return `${fresh}\nheld in phase ${event.phase}; Ctrl-C ends the lab and removes it\n`;
    case 'truth':
      return `${fresh}${truthTable(event.rows, color, wide)}${event.walkerMissing === null ? '' : `  no verdict of the walker: ${event.walkerMissing}\n`}`;
    default:
      return event satisfies never;
  }
}

const columns = ['ip ping', 'ip tcp', 'ip6 ping', 'ip6 tcp'] as const;

/** Every path with a loss or a difference, and how many are as they should be; `wide` shows all. Fits into 80 columns. */
function truthTable(rows: readonly TruthRow[], color: ReturnType<typeof createColors>, wide: boolean): string {
  const groups = [...Map.groupBy(rows, ({ probe }) => probe.title)];
  const calm = (group: readonly TruthRow[]): boolean =>
    group.every(({ kernel, walker }) => kernel === 'delivered' && agrees(walker, kernel));
  const shownGroups = wide ? groups : groups.filter(([, group]) => !calm(group));
  const paths = shownGroups.map(([title, group]) => {
    const cells = columns.map((column) =>
      cell(
        group.find(({ probe }) => column === `${probe.family} ${probe.port === null ? 'ping' : 'tcp'}`),
        color,
      ),
    );
    return `  ${title.padEnd(34)} ${cells.join(' ')}`.trimEnd();
  });
  const rest = groups.length - shownGroups.length;
  const head = `  ${''.padEnd(34)} ${'kern walk '.repeat(4)}`.trimEnd();
  const titles = `  ${''.padEnd(34)} ${columns.map((column) => column.padEnd(9)).join(' ')}`.trimEnd();
  const differing = rows.filter(({ kernel, walker }) => !agrees(walker, kernel));
  return [
    ...(paths.length === 0 ? [] : [color.dim(titles), color.dim(head), ...paths]),
    ...(rest === 0
      ? []
      : [`  ${color.green(`${rest} paths delivered`)}, every ping and connection, in IPv4 and IPv6;`, '  the packet walk says the same']),
    ...differing.map(({ probe, kernel, walker }) => `  ! ${probe.title} (${probe.family}): kernel ${kernel}, walk ${walker}`),
    '',
  ].join('\n');
}

const agrees = (walker: string, kernel: string): boolean => walker === kernel || walker === 'not asked';

const words: Readonly<Record<string, string>> = { delivered: 'ok', dropped: 'DROP', rejected: 'REJ', undecided: '?', 'not asked': '' };

/** The kernel's answer, and beside it the walk's. */
function cell(row: TruthRow | undefined, color: ReturnType<typeof createColors>): string {
  if (row === undefined) return '-'.padEnd(9);
  const text = `${(words[row.kernel] ?? row.kernel).padEnd(4)} ${words[row.walker] ?? '?'}`.padEnd(9);
  return row.kernel === 'delivered' ? color.green(text) : color.red(text);
}

/** Counts probes over a whole run and decides its exit status. */
export interface Tally {
  add(event: LabEvent): void;
  text(): string;
  status(): ExitStatus;
}

export function newTally(): Tally {
  const rows: TruthRow[] = [];
  const missing = new Set<string>();
  const wrong = () => rows.filter(({ kernel, claimed }) => kernel !== claimed);
  const compared = () => rows.filter(({ walker }) => walker !== 'not asked');
  const differing = () => compared().filter(({ kernel, walker }) => kernel !== walker);
  return {
    add: (event) => {
      if (event.kind !== 'truth') return;
      rows.push(...event.rows);
      if (event.walkerMissing !== null) missing.add(event.walkerMissing);
    },
    text: () => {
      const walker =
        missing.size > 0 ? [...missing].join('; ') : `${differing().length} of ${compared().length} differ from the packet walk`;
      const end =
        wrong().length + differing().length > 0 ? 'The lab did not behave as it should.' : 'Everything went as the incident tells it.';
      return `\n${end} ${rows.length} probes of the kernel, ${wrong().length} against the scenario; ${walker}.\n`;
    },
    status: () =>
      wrong().length + differing().length > 0 ? exitStatus.findings : missing.size > 0 ? exitStatus.undecided : exitStatus.clean,
  };
}

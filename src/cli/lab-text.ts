import { createColors } from 'picocolors';
import type { LabEvent, TruthRow } from '#lab/index.ts';
import { type ExitStatus, exitStatus, type Io } from './command.ts';

/** One event of a lab as lines for a person. Progress overwrites itself on a terminal and is left out elsewhere. */
export function renderLabEvent(event: LabEvent, io: Io): string {
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
      return `${fresh}${truthTable(event.rows, color)}${event.walkerMissing === null ? '' : `  no verdict of the walker: ${event.walkerMissing}\n`}`;
    default:
      return event satisfies never;
  }
}

const columns = ['ip ping', 'ip tcp', 'ip6 ping', 'ip6 tcp'] as const;

function truthTable(rows: readonly TruthRow[], color: ReturnType<typeof createColors>): string {
  const paint = (row: TruthRow | undefined): string => {
    if (row === undefined) return '-'.padEnd(11);
    const text = `${row.kernel} ${row.walker === row.kernel ? '=' : row.walker === 'not asked' ? ' ' : '!'}`.padEnd(11);
    return row.kernel === 'delivered' ? color.green(text) : color.red(text);
  };
  const groups = Map.groupBy(rows, ({ probe }) => probe.title);
  const lines = [...groups].map(([title, group]) => {
    const cells = columns.map((column) =>
      paint(group.find(({ probe }) => column === `${probe.family} ${probe.port === null ? 'ping' : 'tcp'}`)),
    );
    return `  ${title.padEnd(36)} ${cells.join(' ')}`.trimEnd();
  });
  const head = `  ${'kernel (= the walker agrees)'.padEnd(36)} ${columns.map((column) => column.padEnd(11)).join(' ')}`.trimEnd();
  const differing = rows.filter(({ kernel, walker }) => walker !== 'not asked' && walker !== kernel);
  const notes = differing.map(({ probe, kernel, walker }) => `  ! ${probe.title} (${probe.family}): kernel ${kernel}, walker ${walker}\n`);
  return `${color.dim(head)}\n${lines.join('\n')}\n${notes.join('')}`;
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
      return `\n${rows.length} probes of the kernel, ${wrong().length} against the scenario's claims; ${walker}\n`;
    },
    status: () =>
      wrong().length + differing().length > 0 ? exitStatus.findings : missing.size > 0 ? exitStatus.undecided : exitStatus.clean,
  };
}

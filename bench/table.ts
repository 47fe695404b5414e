import type { WalkReport } from './report.ts';
import type { Results, Sample } from './rounds.ts';

/** The table of all results: median and range over the rounds, and the median as a share of what each iptables-save took. */
export function printTable(results: Results, rules: number, rounds: number): string {
  const nft = median(results.nftSave.map(({ milliseconds }) => milliseconds));
  const legacy = median(results.legacySave.map(({ milliseconds }) => milliseconds));
  const row = (name: string, samples: readonly Sample[]): readonly string[] => {
    const times = samples.map(({ milliseconds }) => milliseconds);
    const middle = median(times);
    const memory = samples.flatMap(({ kilobytes }) => kilobytes ?? []);
    return [
      name,
      `${shown(middle)} ms (${shown(Math.min(...times))}-${shown(Math.max(...times))})`,
      `${shown((rules / middle) * 1000)}`,
      memory.length === 0 ? '-' : `${shown(median(memory) / 1024)} MiB`,
      (middle / nft).toFixed(2),
      (middle / legacy).toFixed(2),
    ];
  };
  const title = `${rules} rules, ${(results.dumpBytes / 1e6).toFixed(1)} MB of text, ${rounds} rounds: median (min-max)`;
  const rows = [
    ['', 'time', 'rules/s', 'memory', 'of nft-save', 'of legacy-save'],
    row('iptables-nft-save > /dev/null', results.nftSave),
    row('iptables-legacy-save > /dev/null', results.legacySave),
    row('load', results.load),
    row('load, whole process', results.loadProcess),
    row('load, decode and link all rules', results.link),
    row('link, whole process', results.linkProcess),
  ];
  return `${title}\n\n${aligned(rows)}\n\n${walkLines(results)}\n`;
}

function walkLines({ walk }: Results): string {
  const reports = walk.flatMap((each) => each.walk ?? []);
  const line = (name: string, value: (report: WalkReport) => number, unit: string): readonly string[] => {
    const values = reports.map(value);
    return [name, `${shown(median(values))} ${unit} (${shown(Math.min(...values))}-${shown(Math.max(...values))})`];
  };
  return aligned([
    line('packet walks', (report) => report.perSecond, 'verdicts/s'),
    line('open the walker', (report) => report.openMilliseconds, 'ms'),
    line('first walk', (report) => report.firstMilliseconds, 'ms'),
    ['memory of the walker', `${shown(median(walk.map(({ kilobytes }) => kilobytes)) / 1024)} MiB`],
  ]);
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number): string => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0));
  return rows.map((row) => row.map(cell).join('  ')).join('\n');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1);
}

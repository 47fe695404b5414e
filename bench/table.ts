import type { Results } from './rounds.ts';

interface Sampled {
  readonly milliseconds: number;
  readonly kilobytes: number | null;
}

/** The table of one size: median and range over the rounds, and what each is of what it stands beside. */
export function printTable(results: Results): string {
  const nft = median(results.nftSave.map(({ milliseconds }) => milliseconds));
  const row = (name: string, samples: readonly Sampled[], bound: string): readonly string[] => {
    const times = samples.map(({ milliseconds }) => milliseconds);
    const middle = median(times);
    const memory = samples.flatMap(({ kilobytes }) => kilobytes ?? []);
    const share = (middle / nft).toFixed(2);
    return [name, `${shown(middle)} ms (${range(times)})`, memory.length === 0 ? '-' : megabytes(median(memory)), share, bound];
  };
  const title = `${results.rules.toLocaleString('en-US')} rules in each backend, ${(results.dumpBytes / 1e6).toFixed(1)} MB of text, ${results.kernel.length} rounds: median (min-max)`;
  const rows = [
    ['', 'time', 'memory', 'of nft-save', 'wanted'],
    row('iptables-nft-save > /dev/null', results.nftSave, ''),
    row('iptables-legacy-save > /dev/null', results.legacySave, ''),
    row('netlink: dump, decode and link all rules', results.netlink, '<= 1.00, < 300 MB'),
    row('text: load', results.load, '<= 0.50, < 300 MB'),
  ];
  return `${title}\n\n${aligned(rows)}\n\n${decisions(results)}\n`;
}

function decisions({ kernel, walk }: Results): string {
  const row = (name: string, rates: readonly number[], bound: string): readonly string[] => [
    name,
    `${shown(median(rates))} (${range(rates)})`,
    (median(rates) / median(kernel)).toFixed(1),
    bound,
  ];
  return aligned([
    ['new connections decided', 'a second', 'of the kernel', 'wanted'],
    row('the kernel, both backends', kernel, ''),
    row(
      'the walk, all endpoints',
      walk.map(({ perSecondOrdered }) => perSecondOrdered ?? 0),
      '>= 10',
    ),
    row(
      'the walk, all endpoints in both orders',
      walk.map(({ perSecond }) => perSecond ?? 0),
      '',
    ),
    ['first answer, from nothing', `${shown(median(walk.map(({ milliseconds }) => milliseconds)))} ms`, '', ''],
    ['memory of the walk, all rules compiled', megabytes(median(walk.map(({ kilobytes }) => kilobytes))), '', ''],
  ]);
}

/** The first column to the left, the others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number): string => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0));
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

const range = (values: readonly number[]): string => `${shown(Math.min(...values))}-${shown(Math.max(...values))}`;

/** Of kilobytes as /proc counts them, 1024 bytes each. */
export const megabytes = (kilobytes: number): string => `${shown((kilobytes * 1024) / 1e6)} MB`;

export function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1);
}

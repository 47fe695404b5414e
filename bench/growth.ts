import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { growthPlot } from './growth-plot.ts';
import type { Results } from './rounds.ts';
import { aligned, median, megabytes, shown } from './table.ts';

/** Sizes at which growth is measured. */
export const growthSizes: readonly number[] = [1000, 10_000, 100_000, 300_000, 700_000];

const docs = join(import.meta.dirname, '..', 'docs');

/** Writes docs/benchmarks.md and its picture from one run over all sizes. */
export function writeGrowth(all: readonly Results[]): string {
  writeFileSync(join(docs, 'benchmarks.svg'), growthPlot(all));
  const rows = all.map(growthRow);
  const text = [
    '# How the walk grows with the rules',
    '',
    "Measured by `npm run bench -- --growth` in one run: kube-proxy's rules for as many services as fit, and Calico's for 110 pods, in both backends.",
    'A decision is the fate of one new connection: for the kernel one packet; for the walk all endpoints, with the order of the backends known. Times are',
    'medians; they vary with the machine, their ratios less.',
    '',
    '![decisions a second, and milliseconds to read, by number of rules](benchmarks.svg)',
    '',
    `| ${headings.join(' | ')} |`,
    `|${headings.map(() => '---:').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
  writeFileSync(join(docs, 'benchmarks.md'), text);
  return `${aligned([headings, ...rows])}\n`;
}

const headings = [
  'rules',
  'iptables-nft-save',
  'netlink, linked',
  'text, loaded',
  'kernel, decisions/s',
  'walk, decisions/s',
  'ratio',
  'memory, linked',
];

function growthRow({ rules, nftSave, netlink, load, kernel, walk }: Results): readonly string[] {
  const time = (samples: readonly { readonly milliseconds: number }[]): string =>
    `${shown(median(samples.map(({ milliseconds }) => milliseconds)))} ms`;
  const walker = median(walk.map(({ perSecondOrdered }) => perSecondOrdered ?? 0));
  const memory = megabytes(median(netlink.map(({ kilobytes }) => kilobytes)));
  const ratio = (walker / median(kernel)).toFixed(1);
  return [rules.toLocaleString('en-US'), time(nftSave), time(netlink), time(load), shown(median(kernel)), shown(walker), ratio, memory];
}

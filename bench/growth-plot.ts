import type { Results } from './rounds.ts';
import { median } from './table.ts';

interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const size = { width: 760, height: 320, left: 60, right: 20, top: 40, bottom: 44, gap: 70 } as const;

/** Two panels with logarithmic axes: decisions a second, and milliseconds to read. */
export function growthPlot(all: readonly Results[]): string {
  const at = (value: (each: Results) => number): Series['points'] => all.map((each) => [each.rules, value(each)]);
  const times = (samples: readonly { readonly milliseconds: number }[]): number => median(samples.map(({ milliseconds }) => milliseconds));
  const decisions: readonly Series[] = [
    { name: 'walk', color: '#1f6feb', points: at(({ walk }) => median(walk.map(({ perSecondOrdered }) => perSecondOrdered ?? 0))) },
    { name: 'kernel', color: '#d1242f', points: at(({ kernel }) => median(kernel)) },
  ];
  const reading: readonly Series[] = [
    { name: 'iptables-nft-save', color: '#d1242f', points: at(({ nftSave }) => times(nftSave)) },
    { name: 'netlink, linked', color: '#1f6feb', points: at(({ netlink }) => times(netlink)) },
    { name: 'text, loaded', color: '#1a7f37', points: at(({ load }) => times(load)) },
  ];
  const half = (size.width - size.gap) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="11">`,
    '<title>Decisions a second and milliseconds to read all rules, by the number of rules</title>',
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    panel('decisions a second', decisions, 0, half),
    panel('milliseconds to read all rules', reading, half + size.gap, half),
    '</svg>',
    '',
  ].join('\n');
}

function panel(title: string, series: readonly Series[], offset: number, width: number): string {
  const xs = series.flatMap(({ points }) => points.map(([x]) => x));
  const ys = series.flatMap(({ points }) => points.map(([, y]) => y));
  const scaleX = logScale(xs, offset + size.left, offset + width - size.right);
  const scaleY = logScale(ys, size.height - size.bottom, size.top);
  return [
    `<text x="${offset + size.left}" y="20" font-size="13" font-weight="bold">${title}</text>`,
    ...scaleY.ticks.map(
      (tick) =>
        `<line x1="${offset + size.left}" x2="${offset + width - size.right}" y1="${scaleY.at(tick)}" y2="${scaleY.at(tick)}" stroke="#d0d7de"/>` +
        `<text x="${offset + size.left - 6}" y="${scaleY.at(tick) + 4}" text-anchor="end">${short(tick)}</text>`,
    ),
    ...scaleX.ticks.map(
      (tick) => `<text x="${scaleX.at(tick)}" y="${size.height - size.bottom + 16}" text-anchor="middle">${short(tick)}</text>`,
    ),
    `<text x="${offset + width - size.right}" y="${size.height - 8}" text-anchor="end">rules in each backend</text>`,
    ...series.map(({ name, color, points }, i) =>
      line(
        name,
        color,
        points.map(([x, y]) => [scaleX.at(x), scaleY.at(y)] as const),
        offset + width - size.right,
        34 + i * 14,
      ),
    ),
  ].join('\n');
}

function line(name: string, color: string, points: Series['points'], right: number, y: number): string {
  const path = points.map(([x, py]) => `${x.toFixed(1)},${py.toFixed(1)}`).join(' ');
  const dots = points.map(([x, py]) => `<circle cx="${x.toFixed(1)}" cy="${py.toFixed(1)}" r="3" fill="${color}"/>`).join('');
  return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>${dots}<text x="${right}" y="${y}" fill="${color}" text-anchor="end">${name}</text>`;
}

/** Whole powers of ten around the values. */
function logScale(
  values: readonly number[],
  from: number,
  to: number,
): { readonly at: (value: number) => number; readonly ticks: readonly number[] } {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  };
}

const short = (value: number): string => (value >= 1e6 ? `${value / 1e6}M` : value >= 1000 ? `${value / 1000}k` : String(value));

import type { Counts, Report } from './worker.ts';

type Wrong = Extract<Report, { readonly kind: 'wrong' }>;
type Refused = Extract<Report, { readonly kind: 'refused' }>;

/** What all workers found so far. */
export class Tally {
  readonly seed: number;
  readonly wrong: Wrong[] = [];
  readonly refused: Refused[] = [];
  readonly interplay: Extract<Report, { readonly kind: 'interplay' }>[] = [];
  /** Workers that ended before their time. */
  readonly failures: string[] = [];
  readonly undecided = new Map<string, number>();
  readonly scenesOf = new Map<string, number>();
  readonly #started = Date.now();
  counts: Counts = { dual: 0, packets: 0, delivered: 0, dropped: 0, rejected: 0, traced: 0, notModelled: 0, depends: 0, milliseconds: 0 };

  constructor(seed: number) {
    this.seed = seed;
  }

  add(report: Report): void {
    if (report.kind === 'wrong') this.wrong.push(report);
    else if (report.kind === 'refused') this.refused.push(report);
    else if (report.kind === 'interplay') this.interplay.push(report);
    else {
      const sums = Object.entries(report.counts).map(([name, count]) => [name, this.counts[name as keyof Counts] + count]);
      this.counts = Object.fromEntries(sums) as unknown as Counts;
      this.scenesOf.set(report.shape, (this.scenesOf.get(report.shape) ?? 0) + 1);
      for (const because of report.undecided) this.undecided.set(because, (this.undecided.get(because) ?? 0) + 1);
    }
  }

  get scenes(): number {
    return [...this.scenesOf.values()].reduce((sum, count) => sum + count, 0);
  }

  line(): string {
    const { dual, packets, delivered, dropped, rejected, traced, notModelled, depends } = this.counts;
    const seconds = (Date.now() - this.#started) / 1000;
    const share = packets === 0 ? '0' : ((100 * notModelled) / packets).toFixed(2);
    return (
      `${packets} packets over ${this.scenes} rulesets (${dual} of them in both backends) in ${seconds.toFixed(0)} s (${(packets / seconds).toFixed(0)} and ` +
      `${(this.scenes / seconds).toFixed(1)} a second): ${delivered} delivered, ${dropped} dropped, ${rejected} rejected, ${traced} traced; ` +
      `undecided: ${notModelled} not modelled (${share}%), ${depends} depending on order, chance or state; ` +
      `${this.refused.length} rulesets refused, ${this.interplay.length} with packets that other connections disturbed; WRONG: ${this.wrong.length}`
    );
  }

  /** The whole answer, with the seed to make it again. */
  summary(): string {
    const shapes = [...this.scenesOf].map(([shape, count]) => `${shape} ${count}`).join(', ');
    const reasons = [...this.undecided].sort(([, a], [, b]) => b - a).map(([because, count]) => `  ${count} undecided: ${because}`);
    const refused = this.refused
      .slice(0, 5)
      .map(({ shape, scene, because }) => `  refused: ${shape} scene ${scene}: ${because.slice(0, 400)}`);
    const disturbed = this.interplay
      .slice(0, 5)
      .map(({ shape, scene, wrong: text }) => `  disturbed: ${shape} scene ${scene}: ${text.slice(0, 300)}`);
    const wrong = this.wrong
      .slice(0, 10)
      .map((each) => `  WRONG: ${each.shape} scene ${each.scene}: ${each.wrong}\n      ${each.evidence}\n${describe(each)}`);
    return [
      `seed ${this.seed}: ${this.line()}`,
      `  shapes: ${shapes}`,
      ...reasons.slice(0, 25),
      ...refused,
      ...disturbed,
      ...this.failures,
      ...wrong,
    ].join('\n');
  }
}

function describe({ smallest }: Wrong): string {
  if (smallest === null) return '';
  const { scene } = smallest;
  const rules = Object.entries(scene.rules).map(([file, text]) => `    ${file}\n${text.replaceAll(/^/gm, '      ')}`);
  const packets = scene.packets.map((packet) => `    ${JSON.stringify(packet)}`);
  const native = scene.native === undefined ? [] : [`    native\n${scene.native.replaceAll(/^/gm, '      ')}`];
  return [...scene.setup.map((line) => `    ${line}`), ...rules, ...native, ...packets].join('\n');
}

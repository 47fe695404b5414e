import { generateScene } from './generate/index.ts';
import { type Judged, type JudgedScene, runScene } from './run-scene.ts';
import type { Fate, Scene } from './scene.ts';
import { shrink } from './shrink.ts';

/** What a worker is to do: every `step`-th scene of the seed from `first` on, until the scenes or the time are used up. */
export interface Task {
  readonly seed: number;
  readonly first: number;
  readonly step: number;
  readonly scenes: number;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  /** Trace every so many packets. */
  readonly traceEvery: number;
  readonly shapes: readonly string[];
  /** Wrong scenes to make small; later ones are only counted. */
  readonly shrinkAtMost: number;
}

export type Report =
  | { readonly kind: 'scene'; readonly shape: string; readonly counts: Counts; readonly undecided: readonly string[] }
  | { readonly kind: 'interplay'; readonly shape: string; readonly scene: number; readonly wrong: string }
  | { readonly kind: 'refused'; readonly shape: string; readonly scene: number; readonly because: string }
  | {
      readonly kind: 'wrong';
      readonly shape: string;
      readonly scene: number;
      readonly wrong: string;
      /** The packet, and the last steps of its walk, as they were first seen. */
      readonly evidence: string;
      readonly smallest: SmallScene | null;
    };

/** A scene as small as it goes, with what the kernel did to its packets. */
export interface SmallScene {
  readonly scene: Scene;
  readonly kernel: readonly (readonly [request: string, reply: string])[];
}

export interface Counts {
  /** 1 where the scene has rules in x_tables and in nf_tables. */
  readonly dual: number;
  readonly packets: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly rejected: number;
  readonly traced: number;
  readonly notModelled: number;
  readonly depends: number;
  readonly milliseconds: number;
}

const task = JSON.parse(process.argv[2] as string) as Task;
const say = (report: Report): void => void process.stdout.write(`${JSON.stringify(report)}\n`);
let shrunk = 0;

for (let index = task.first; index < task.scenes && Date.now() < task.deadline; index += task.step) {
  const scene = generateScene(task.seed, index, task.shapes);
  const shape = scene.shape ?? '';
  try {
    const start = performance.now();
    const result = runScene(scene, traced);
    say({ kind: 'scene', shape, ...summary(result, performance.now() - start) });
    const wrong = result.judged.find((each) => each.wrong !== null);
    if (wrong !== undefined && isWrongAlone(scene, result)) sayWrong(scene, index, wrong);
    else if (wrong !== undefined) say({ kind: 'interplay', shape, scene: index, wrong: wrong.wrong ?? '' });
  } catch (error) {
    say({ kind: 'refused', shape, scene: index, because: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * A walk knows no other connections: what differs only where other packets went before (a port that another connection holds) is not its mistake, and
 * counted apart. Each packet that differed is sent once more, to a node of its own.
 */
function isWrongAlone(scene: Scene, { judged }: JudgedScene): boolean {
  const alone = judged.filter(({ wrong }) => wrong !== null).slice(0, 8);
  return alone.some(({ packet }) => runScene({ ...scene, packets: [packet] }, () => task.traceEvery > 0).judged[0]?.wrong !== null);
}

function traced(packet: number): boolean {
  return task.traceEvery > 0 && packet % task.traceEvery === 0;
}

function summary({ scene, judged }: JudgedScene, milliseconds: number): { readonly counts: Counts; readonly undecided: readonly string[] } {
  const of = (kind: string): number => judged.filter(({ kernel }) => kernel.request.kind === kind).length;
  const open = (because: string): readonly Judged[] =>
    judged.filter(({ walk }) => walk.request.because === because || walk.reply?.because === because);
  const notModelled = open('not-modelled');
  return {
    counts: {
      dual: isDual(scene) ? 1 : 0,
      packets: judged.length,
      delivered: of('delivered'),
      dropped: of('dropped'),
      rejected: of('rejected'),
      traced: judged.filter(({ kernel }) => kernel.trace !== undefined).length,
      notModelled: notModelled.length,
      depends: open('outcome-depends').length,
      milliseconds,
    },
    undecided: notModelled.flatMap(({ walk }) => [...new Set(walk.undecided.map(({ because }) => because.replace(/: -.*/, '')))]),
  };
}

/** What differs, without addresses and ports. */
function kindOf(wrong: string): string {
  return wrong.replaceAll(/(\bfrom|\bto) \S+|"(from|to)":"[^"]*"|"mark":\d+|\d+/g, '');
}

function sayWrong(found: Scene, index: number, first: Judged): void {
  const { wrong } = first;
  const kind = kindOf(wrong as string);
  const stillWrong = (candidate: Scene): boolean => {
    try {
      return runScene(candidate, () => task.traceEvery > 0).judged.some((each) => each.wrong !== null && kindOf(each.wrong) === kind);
    } catch {
      return false;
    }
  };
  const scene = shrunk++ < task.shrinkAtMost ? shrink(found, stillWrong, 250) : null;
  const again = scene === null ? [] : runScene(scene, () => task.traceEvery > 0).judged;
  const because = again.find((each) => each.wrong !== null)?.wrong ?? (wrong as string);
  const kernel = again.map((each) => [shown(each.kernel.request), shown(each.kernel.reply)] as const);
  say({
    kind: 'wrong',
    shape: found.shape ?? '',
    scene: index,
    wrong: because,
    evidence: evidenceOf(first),
    smallest: scene === null ? null : { scene, kernel },
  });
}

function isDual({ rules, native }: Scene): boolean {
  const has = (backend: string): boolean => Object.entries(rules).some(([file, text]) => file.endsWith(backend) && text.includes('-A '));
  return has('legacy') && (has('nft') || native !== undefined);
}

function evidenceOf({ packet, walk, wrong }: Judged): string {
  const { steps } = wrong?.startsWith('reply') && walk.reply !== null ? walk.reply : walk.request;
  const last = steps
    .slice(-4)
    .map(({ hook, backend, table, chain, rule, text, effect }) => [hook, backend, table, chain, rule, text, effect].join(' '));
  return [JSON.stringify(packet), ...last].join('\n      ');
}

/** Ports that the kernel draws differ from run to run. */
function shown(fate: Fate | null): string {
  if (fate === null) return 'none';
  return fate.kind === 'delivered' ? `delivered at ${fate.at}` : fate.kind;
}

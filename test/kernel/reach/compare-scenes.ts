import { combine } from '#engines/packet-walk/combine.ts';
import { type Explored, explore } from '#engines/packet-walk/explore.ts';
import { openModel } from '#engines/packet-walk/open-model.ts';
import {
  type Destination,
  firstBits,
  Knowledge,
  type PairQuestion,
  pairFates,
  probeOf,
  type Source,
  withoutBackend,
} from '#engines/packet-walk/reach.ts';
import type { ReachFate } from '#facts/reach.ts';
import { generateScene } from '../packet-judge/generate/index.ts';
import { four, type Names, six } from '../packet-judge/generate/names.ts';
import { openNode } from '../packet-judge/node.ts';
import { ports } from '../packet-judge/scene.ts';
import { snapshotOfNode } from '../packet-judge/snapshot-of-node.ts';
import { mustParse } from '../packet-judge/wire/encode.ts';

/** What a process is to do: scenes of a seed, whose classes are compared with walks. */
export interface Task {
  readonly seed: number;
  readonly first: number;
  readonly scenes: number;
  readonly deadline: number;
  readonly shapes: readonly string[];
}

export interface Compared {
  readonly scene: number;
  readonly shape: string;
  readonly pairs: number;
  readonly single: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly wrong: readonly string[];
}

const task = JSON.parse(process.argv[2] as string) as Task;

for (let index = task.first; index < task.first + task.scenes && Date.now() < task.deadline; index++)
  process.stdout.write(`${JSON.stringify(compareScene(index))}\n`);

function compareScene(index: number): Compared {
  const scene = generateScene(task.seed, index, task.shapes);
  const node = openNode(scene);
  const snapshot = snapshotOfNode();
  node.close();
  const models = [snapshot, withoutBackend(snapshot, 'nft'), withoutBackend(snapshot, 'legacy')].map((each) => openModel(each));
  const wrong: string[] = [];
  const verdicts: Record<string, number> = {};
  let pairs = 0;
  let single = 0;
  for (const question of questions()) {
    // As a survey does: what is known of the rules of both backends is used for each alone; even of the shortest chains.
    const knows = new Knowledge({ worthKeeping: 1 });
    for (const model of models) {
      const found = pairFates(model, question, knows);
      single += found.single;
      for (const [row, source] of question.sources.entries())
        for (const [column, destination] of question.destinations.entries()) {
          const fate = found.fates[found.of[row * question.destinations.length + column] as number] as ReachFate;
          const probe = probeOf(question, source, destination);
          const explored = explore(model, probe, true);
          pairs++;
          verdicts[fate.verdict] = (verdicts[fate.verdict] ?? 0) + 1;
          const differs = difference(fate, explored);
          if (differs !== null) wrong.push(`${JSON.stringify(probe)}: ${differs}`);
        }
    }
  }
  return { scene: index, shape: scene.shape ?? '', pairs, single, verdicts, wrong: wrong.slice(0, 5) };
}

function questions(): readonly PairQuestion[] {
  return [four, six].flatMap((names) => [6, 17, names.six ? 58 : 1].map((protocol) => questionOf(names, protocol)));
}

function questionOf(names: Names, protocol: number): PairQuestion {
  const sources: readonly Source[] = [
    ...names.sources.map((text, i) => ({ address: mustParse(text), inInterface: i < 2 ? 'tunA' : 'tunB' })),
    ...[...names.sources.slice(0, 1), ...names.host].map((text) => ({ address: mustParse(text), inInterface: null })),
    { address: mustParse(names.sources[0] as string), inInterface: 'tunB' },
  ];
  const hasPorts = protocol === 6 || protocol === 17;
  const destinations: readonly Destination[] = names.destinations.flatMap((text) =>
    (hasPorts ? ports : [null]).map((port) => ({ address: mustParse(text), port })),
  );
  return {
    family: names.six ? 'ip6' : 'ip',
    protocol,
    fromPort: hasPorts ? 40_000 : null,
    sources,
    destinations,
    pairs: [{ x: firstBits(sources.length), y: firstBits(destinations.length) }],
  };
}

/** A walk that gave up for want of room says no more than that. Of several ways that lose a pair any may be blamed. */
function difference(fate: ReachFate, explored: Explored): string | null {
  if (!explored.complete) return null;
  const walk = combine(explored);
  const own = [fate.request, fate.reply, fate.because];
  const lost = fate.verdict === 'dropped' || fate.verdict === 'rejected';
  const theirs = [walk.request.verdict, walk.reply?.verdict ?? null, lost ? null : (walk.request.because ?? walk.reply?.because ?? null)];
  if (own.join() !== theirs.join())
    return `classes: ${own.join()}; walk: ${theirs.join()} ${JSON.stringify(walk.undecided)} | ${JSON.stringify(fate)}`;
  if (!lost) return null;
  const blamed = explored.ways.map(({ blame }) => (blame === null ? 'none' : blamedPlace(blame)));
  return blamed.includes(place(fate.blame)) ? null : `blamed ${place(fate.blame)}; walks: ${blamed.join(', ')}`;
}

function blamedPlace({ chain, rule, leg }: NonNullable<Explored['ways'][number]['blame']>): string {
  const { backend, family, name } = (chain as NonNullable<typeof chain>).table;
  return `${leg} ${backend} ${family} ${name} ${chain?.name} ${rule?.index ?? null}`;
}

function place(blame: ReachFate['blame']): string {
  return blame === null ? 'none' : `${blame.leg} ${blame.backend} ${blame.family} ${blame.table} ${blame.chain} ${blame.rule}`;
}

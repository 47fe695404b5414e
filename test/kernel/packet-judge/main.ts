import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runJudge } from './run-judge.ts';
import { runMutants } from './run-mutants.ts';
import type { Tally } from './tally.ts';

/** `npm run judge -- --minutes 15 --seed 1`: the walk against the kernel on generated rules. Exit status 1 where any verdict is wrong. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '15' },
    seed: { type: 'string' },
    scenes: { type: 'string' },
    workers: { type: 'string', default: '8' },
    shapes: { type: 'string', default: '' },
    'trace-every': { type: 'string', default: '8' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'string', default: '2' },
    'stop-at-wrong': { type: 'boolean', default: false },
    'save-wrong': { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});

const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
process.stdout.write(`judge: seed ${seed}\n`);
let told = 0;
if (values.mutants) await judgeMutants();
else await judgeWalk();

async function judgeWalk(): Promise<void> {
  const tally = await runJudge({
    seed,
    minutes: Number(values.minutes),
    scenes: values.scenes === undefined ? Number.MAX_SAFE_INTEGER : Number(values.scenes),
    workers: Number(values.workers),
    traceEvery: values.trace ? 1 : Number(values['trace-every']),
    shapes: values.shapes === '' ? [] : values.shapes.split(','),
    shrinkAtMost: Number(values.shrink),
    stopAtWrong: values['stop-at-wrong'],
    progress: say,
  });
  process.stdout.write(`judge: ${tally.summary()}\n`);
  if (values['save-wrong']) saveWrong(tally);
  process.exitCode = tally.wrong.length + tally.failures.length === 0 ? 0 : 1;
}

/** How far it is, and at once what is wrong. */
function say(tally: Tally): void {
  process.stdout.write(`judge: ${tally.line()}\n`);
  for (const { shape, scene, wrong, evidence } of tally.wrong.slice(told))
    process.stdout.write(`judge: WRONG: ${shape} scene ${scene}: ${wrong}\n  ${evidence}\n`);
  told = tally.wrong.length;
}

/** Each rule of the walk switched off in turn: the judge must notice. `--minutes` is for each of them. */
async function judgeMutants(): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`judge: ${line}\n`);
  const options = { seed, minutes: Number(values.minutes), workers: Number(values.workers), only: values.only };
  const survivors = await runMutants(options, say);
  say(`${survivors.length} mutants survived`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
}

/** Small scenes of wrong verdicts become regression files, which a kernel test replays. */
function saveWrong({ wrong }: Tally): void {
  for (const { shape, scene, wrong: because, smallest } of wrong) {
    if (smallest === null) continue;
    const file = new URL(`./regressions/${shape}-${seed}-${scene}.json`, import.meta.url);
    writeFileSync(file, `${JSON.stringify({ because, ...smallest }, null, 2)}\n`);
    process.stdout.write(`judge: kept ${file.pathname}\n`);
  }
}

import { expect, test } from 'vitest';
import { generateScene, Random } from './packet-judge/generate.ts';
import { type JudgedScene, judge } from './packet-judge/judge.ts';

const seed = Number(process.env['JUDGE_SEED'] ?? 20250920);
const scenes = Number(process.env['JUDGE_SCENES'] ?? 100);
const packetsPerScene = 40;

function report({ scene, dumps, judged }: JudgedScene): readonly string[] {
  return judged.flatMap(({ packet, wrong, walk }) => {
    if (wrong === null) return [];
    const steps = [...walk.request.steps, ...(walk.reply?.steps ?? [])].map((step) =>
      [step.hook, step.backend, step.table, step.chain, step.rule, step.text, step.effect].join(' '),
    );
    const rules = Object.entries(dumps).filter(([name]) => name.endsWith('tables-legacy-save') || name.endsWith('tables-nft-save'));
    const family = packet.from.includes(':') ? 'ip6' : 'iptables';
    const shown = rules.filter(([name]) => name.includes(`/${family}`)).map(([name, text]) => `${name}\n${text}`);
    return [
      [wrong, JSON.stringify(packet), `nftFirst ${scene.nftFirst}`, ...steps, ...(process.env['JUDGE_RULES'] ? shown : [])].join('\n'),
    ];
  });
}

test('PW the walk agrees with the kernel on generated rules of both backends', () => {
  const random = new Random(seed);
  const judged = judge(Array.from({ length: scenes }, () => generateScene(random, packetsPerScene)));
  const all = judged.flatMap((each) => each.judged);
  const count = (because: string): number =>
    all.filter(({ walk }) => walk.request.because === because || walk.reply?.because === because).length;
  const delivered = all.filter(({ kernel }) => kernel.request.kind === 'delivered').length;
  const notModelled = count('not-modelled');
  console.log(
    `judge: seed ${seed}, ${all.length} packets over ${scenes} rulesets in both backends, ${delivered} delivered by the kernel; ` +
      `undecided: ${notModelled} not modelled, ${count('outcome-depends')} depending on hook order or chance`,
  );
  const reasons = Map.groupBy(
    all.flatMap(({ walk }) => walk.undecided),
    ({ because }) => because,
  );
  for (const [because, list] of reasons) console.log(`${list.length} undecided: ${because}`);
  const wrong = judged.flatMap(report);
  expect(wrong.length, wrong.slice(0, Number(process.env['JUDGE_SHOW'] ?? 3)).join('\n\n')).toBe(0);
  expect(delivered).toBeGreaterThan(all.length / 5);
  expect(notModelled).toBeLessThan(all.length / 100);
}, 120_000);

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { judge } from './packet-judge/judge.ts';
import type { Fate, Scene } from './packet-judge/scene.ts';

/** A scene that a walk once answered wrongly, made as small as it goes: `npm run judge -- --save-wrong` writes them. */
interface Regression {
  /** What differed then. */
  readonly because: string;
  readonly scene: Scene;
  /** What the kernel did with each packet, request and reply. */
  readonly kernel: readonly (readonly [request: string, reply: string])[];
}

const folder = new URL('./packet-judge/regressions/', import.meta.url);
const regressions = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, ...(JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Regression) }));

/** Ports that the kernel draws differ from run to run. */
const shown = (fate: Fate | null): string => (fate === null ? 'none' : fate.kind === 'delivered' ? `delivered at ${fate.at}` : fate.kind);

test.each(regressions)('PW a verdict that was wrong once stays right: $name', ({ scene, kernel }) => {
  const [judged] = judge([scene]);
  expect(judged?.judged.map(({ wrong }) => wrong)).toEqual(scene.packets.map(() => null));
  expect(judged?.judged.map((each) => [shown(each.kernel.request), shown(each.kernel.reply)])).toEqual(kernel);
});

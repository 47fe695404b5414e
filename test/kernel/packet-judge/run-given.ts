import { readFileSync } from 'node:fs';
import { runScene } from './run-scene.ts';
import type { Scene } from './scene.ts';

/** Scenes in as JSON on standard input, what the kernel and the walk said out as one JSON line each. */
for (const scene of JSON.parse(readFileSync(0, 'utf8')) as readonly Scene[]) {
  process.stdout.write(`${JSON.stringify(runScene(scene, () => true))}\n`);
}

import { readFileSync } from 'node:fs';
import { fateOf } from './fate.ts';
import { dumpNode, openNode } from './node.ts';
import type { Scene, SceneResult } from './scene.ts';

/** The judge's own process: scenes in as JSON on standard input, what the kernel did out as one JSON line each. */
let id = 0x1000;
for (const scene of JSON.parse(readFileSync(0, 'utf8')) as readonly Scene[]) {
  const node = openNode(scene);
  const files = dumpNode();
  const fates = scene.packets.map((packet) => fateOf(packet, ++id, node));
  node.close();
  process.stdout.write(`${JSON.stringify({ files, fates } satisfies SceneResult)}\n`);
}

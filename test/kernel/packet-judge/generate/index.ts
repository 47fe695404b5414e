import type { Scene } from '../scene.ts';
import { calico } from './calico.ts';
import { coverage } from './coverage.ts';
import { ethernet } from './ethernet.ts';
import { hostile } from './hostile.ts';
import { kubeProxy } from './kube-proxy.ts';
import { kubeProxyNft } from './kube-proxy-nft.ts';
import { native } from './native.ts';
import { others } from './others.ts';
import { Random } from './random.ts';
import { sets } from './sets.ts';
import type { Shape } from './shape.ts';
import { untracked } from './untracked.ts';

export const shapes: readonly Shape[] = [coverage, native, calico, kubeProxy, kubeProxyNft, others, hostile, untracked, sets, ethernet];

/** The `index`-th scene of a seed; of all shapes where none is named. */
export function generateScene(seed: number, index: number, only: readonly string[]): Scene {
  const random = new Random(seed, index);
  const open = shapes.filter(({ name }) => only.length === 0 || only.includes(name));
  const shape = random.weighted(open.map((each) => [each.weight, each] as const));
  return { ...shape.make(random), shape: shape.name };
}

import type { Scene } from '../scene.ts';
import { coverage } from './coverage.ts';
import { Random } from './random.ts';

/** A shape of rules that nodes have, or that nobody would write. */
export interface Shape {
  readonly name: string;
  readonly weight: number;
  make(random: Random): Omit<Scene, 'shape'>;
}

export const shapes: readonly Shape[] = [coverage];

/** The `index`-th scene of a seed; of all shapes where none is named. */
export function generateScene(seed: number, index: number, only: readonly string[]): Scene {
  const random = new Random(seed, index);
  const open = shapes.filter(({ name }) => only.length === 0 || only.includes(name));
  const shape = random.weighted(open.map((each) => [each.weight, each] as const));
  return { ...shape.make(random), shape: shape.name };
}

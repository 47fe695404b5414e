import type { Scene } from '../scene.ts';
import type { Random } from './random.ts';

/** A shape of rules that nodes have, or that nobody would write. */
export interface Shape {
  readonly name: string;
  readonly weight: number;
  make(random: Random): Omit<Scene, 'shape'>;
}

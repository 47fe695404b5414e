import { linkAll } from './link-all.ts';
import type { Measured } from './subject.ts';

/** Dumps what the kernel runs of nf_tables, decodes every rule and follows every jump. */
export function measure(): Measured {
  const start = performance.now();
  const found = linkAll();
  return { milliseconds: performance.now() - start, rules: found };
}

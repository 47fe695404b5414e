import type { WalkStep } from '#facts/packet-walk.ts';

/** What ends a table or changes where the packet goes. */
const effective: ReadonlySet<string> = new Set([
  'accept',
  'drop',
  'reject',
  'dnat',
  'snat',
  'masquerade',
  'redirect',
  'netmap',
  'tproxy',
  'queue',
  'notrack',
  'unmodelled',
]);

/**
 * The steps that decide, each with the jumps that led to it: what a person wants to read first. Jumps that came back with nothing, marks,
 * rules without effect and policies that accept are left out; what the kernel did stays.
 */
export function pruneSteps(steps: readonly WalkStep[], dropped: boolean): readonly WalkStep[] {
  const kept: WalkStep[] = [];
  // Shortened in place: in a loop of gotos it grows with every step, and copies of it would take quadratic time.
  const path: WalkStep[] = [];
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1];
    if (before === undefined || before.hook !== step.hook || before.backend !== step.backend || before.table !== step.table)
      path.length = 0;
    if (step.backend === null) {
      kept.push(step);
      continue;
    }
    path.length = pathLength(path, step);
    if (step.effect === 'jump' || step.effect === 'goto') path.push(step);
    else if (
      effective.has(step.effect) ||
      (step.effect === 'policy' && dropped && index === steps.length - 1 && step.text !== 'policy ACCEPT')
    ) {
      for (const jump of path) kept.push(jump);
      kept.push(step);
      path.length = 0;
    }
  }
  return kept;
}

/** How many of the jumps on the path are still open at this step: those up to the one that leads into its chain. */
function pathLength(path: readonly WalkStep[], { chain }: WalkStep): number {
  for (let length = path.length; length > 0; length--) if (targetOf(path[length - 1] as WalkStep) === chain) return length;
  return 0;
}

function targetOf({ text }: WalkStep): string | undefined {
  return /(?:^| )(?:-[jg]|jump|goto) (\S+)/.exec(text)?.[1];
}

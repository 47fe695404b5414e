import type { Fork } from '../fork.ts';
import type { Machine } from '../machine.ts';
import { type Code, type Op, stop } from '../op.ts';
import { WatchedMachine } from './watched-machine.ts';
import { newWatch } from './watched-packet.ts';

/**
 * What a condition says of every destination of a fork, whatever packet goes there. Null: it looks at more than destinations, or does not say the same of
 * all. Conditions on ipsets mostly are such, and a set need not be looked up for each packet again.
 */
export function saysOfAll(op: Op, fork: Fork, machine: Machine): Code | null {
  const known = fork.said.get(op);
  if (known !== undefined) return known;
  const { segments } = machine.model;
  if (segments.left <= 0) return null;
  segments.left--;
  const said = ask(op, fork, machine);
  fork.said.set(op, said);
  return said;
}

function ask(op: Op, { ends }: Fork, machine: Machine): Code | null {
  let common: Code | null = null;
  for (const destination of ends) {
    const watch = newWatch(() => {});
    const code = op.run(new WatchedMachine(machine, watch, { ...machine.packet, destination }));
    if (watch.looksFurther || code === stop || (common !== null && code !== common)) return null;
    common = code;
  }
  return common;
}

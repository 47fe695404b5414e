import type { WalkChain, WalkRule } from './chain.ts';
import { type Machine, type Sibling, withDestination } from './machine.ts';
import { type Code, field, type Op, stop } from './op.ts';
import { formatEnd } from './way/end-text.ts';

/** Before a rule that does more with addresses than look at them, every sibling goes its own way. */
export function partBefore(rule: WalkRule, machine: Machine): void {
  if (rule.onlyLooks || (rule.reads & field.tuple) === 0) return;
  for (const sibling of machine.siblings) machine.splitOff(sibling);
  machine.siblings = [];
}

/** After an operation that looked at addresses: siblings for whom it would have said something else go their own way. */
export function partAfter(op: Op, code: Code, machine: Machine): void {
  if ((op.reads & field.tuple) === 0) return;
  const { verdict } = machine;
  const alike: Sibling[] = [];
  for (const sibling of machine.siblings) {
    const other = asSibling(sibling, machine, () => op.run(machine));
    if (other === code && (code !== stop || machine.verdict === verdict)) alike.push(sibling);
    else machine.splitOff(sibling);
  }
  machine.verdict = verdict;
  if (alike.length < machine.siblings.length) machine.siblings = alike;
}

/** The first rule that any of them may match. */
export function nextForAll(chain: WalkChain, from: number, machine: Machine): number {
  let position = chain.nextPosition(from, machine.packet);
  for (const sibling of machine.siblings)
    position = Math.min(
      position,
      asSibling(sibling, machine, () => chain.nextPosition(from, machine.packet)),
    );
  return position;
}

/** Null: it met a question, to which it has an answer of its own. */
function asSibling<T>({ destination }: Sibling, machine: Machine, run: () => T): T | -1 {
  const { packet, tries, questioned } = machine;
  const own = { destination: packet.destination, connection: packet.connection };
  packet.destination = destination;
  packet.connection = withDestination(own.connection, destination);
  machine.tries = true;
  machine.questioned = false;
  const found = run();
  const met = machine.questioned;
  machine.tries = tries;
  machine.questioned = questioned;
  packet.destination = own.destination;
  packet.connection = own.connection;
  return met ? -1 : found;
}

/** Those that came to the machine's end with it, each as a way of its own. */
export function siblingsOf(way: Machine): readonly Machine[] {
  return way.siblings.map(({ destination, weights }) => {
    const other = way.copy();
    other.weights = weights;
    const { request } = way;
    const out = request?.out ?? null;
    if (request !== null && out !== null) other.request = { ...request, out: { ...out, to: formatEnd(destination) } };
    return other;
  });
}

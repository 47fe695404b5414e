import type { WalkChain } from './chain.ts';
import type { Way } from './leg-run.ts';
import type { Machine } from './machine.ts';
import { type Code, field, type Op, stop } from './op.ts';
import { type Sibling, withDestination } from './sibling.ts';
import { formatEnd } from './way/end-text.ts';

/**
 * Before an operation that does more with addresses than look at them, or asks about them, every sibling goes its own way, from the beginning of the
 * rule: what the machine is asked need not be asked of them.
 */
export function partBefore(op: Op, machine: Machine): void {
  if ((op.reads & field.tuple) === 0) return;
  if (op.isTest === true && !(op.asks && machine.lookAhead(op.run) === null)) return;
  for (const sibling of machine.siblings) machine.splitOff(sibling);
  machine.setSiblings([]);
}

/** After an operation that looked at addresses: siblings for whom it would have said something else go their own way. */
export function partAfter(op: Op, code: Code, machine: Machine): void {
  if ((op.reads & field.tuple) === 0) return;
  const { verdict, siblings } = machine;
  let others: Sibling[] | null = null;
  for (let i = 0; i < siblings.length; i++) {
    const sibling = siblings[i] as Sibling;
    const other = runAs(sibling, op, machine);
    if (other === code && (code !== stop || machine.verdict === verdict)) continue;
    others ??= [];
    others.push(sibling);
  }
  machine.verdict = verdict;
  if (others === null) return;
  for (const other of others) machine.splitOff(other);
  machine.setSiblings(siblings.filter((sibling) => !others.includes(sibling)));
}

/** The first rule that any of them may match. */
export function nextForAll(chain: WalkChain, from: number, machine: Machine): number {
  const { packet } = machine;
  const { destination } = packet;
  let position = chain.nextPosition(from, packet);
  for (const sibling of machine.siblings) {
    packet.destination = sibling.destination;
    position = Math.min(position, chain.nextPosition(from, packet));
  }
  packet.destination = destination;
  return position;
}

/** What the operation says of a sibling. Null: it met a question, to which it has an answer of its own. */
function runAs({ destination }: Sibling, op: Op, machine: Machine): Code | null {
  const { packet } = machine;
  const { destination: ownDestination, connection: ownConnection } = packet;
  packet.destination = destination;
  packet.connection = withDestination(ownConnection, destination);
  const found = machine.lookAhead(op.run);
  packet.destination = ownDestination;
  packet.connection = ownConnection;
  return found;
}

/** Those that came to the machine's end with it, each as a way of its own. */
export function addSiblings({ model, siblings, fork, request, blame }: Machine, ways: Way[]): void {
  if (request === null) throw new Error('the siblings of a way that has not ended');
  const { out, verdict, steps, gaps, asked, passed } = request;
  for (let i = 0; i < siblings.length; i++) {
    const { destination, weights } = siblings[i] as Sibling;
    const to = fork?.texts[i + 1] ?? formatEnd(destination);
    const own = out === null ? null : { interface: out.interface, from: out.from, to, mark: out.mark };
    ways.push({ model, request: { verdict, steps, out: own, gaps, asked, weights, passed }, reply: null, blame });
  }
}

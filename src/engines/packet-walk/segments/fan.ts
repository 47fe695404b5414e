import { sameAddress } from '#facts/address.ts';
import type { Machine } from '../machine.ts';
import { fail, next } from '../op.ts';
import type { End } from '../packet.ts';
import { type Touched, untouched } from '../touched.ts';
import type { Node } from './node.ts';
import { addTouched, type Segment, type SendsTo } from './segment.ts';
import { type Step, take } from './step.ts';

interface Condition {
  readonly step: Step;
  readonly answer: unknown;
}

interface Way {
  readonly share: number;
  readonly to: SendsTo;
}

/**
 * What a service comes down to once packets have gone all its ways: chance chooses among destinations, whatever else the rules look at being the same. One
 * machine then goes on for all of them.
 */
export interface Fan {
  readonly isFan: true;
  /** The most on any of its ways, as of a segment. */
  readonly rules: number;
  readonly depth: number;
  readonly touched: Touched;
  /** Sources that go other ways: endpoints that come to themselves. */
  readonly notFrom: readonly number[];
  readonly conditions: readonly Condition[];
  readonly ways: readonly Way[];
}

/** Null: what begins at the node is no such thing, or not all of it is known. */
export function fanOf(node: Node): Fan | null {
  const draft: Draft = { isFan: true, rules: 0, depth: 0, touched: untouched(), notFrom: [], conditions: [], ways: [] };
  return collect(node, 1, draft) ? draft : null;
}

interface Draft extends Fan {
  rules: number;
  depth: number;
  readonly notFrom: number[];
  readonly conditions: Condition[];
  readonly ways: Way[];
}

/** More ways than this are walked one by one. */
const maxWays = 256;

function collect(node: Node | undefined, share: number, draft: Draft): boolean {
  if (node === undefined || draft.ways.length >= maxWays) return false;
  const { step, segment } = node;
  if (step === null) return segment !== null && addWay(segment, share, draft);
  if (step.kind === 'test' && step.op.chance !== undefined) {
    const { chance } = step.op;
    return collect(node.after(next), share * chance, draft) && collect(node.after(fail), share * (1 - chance), draft);
  }
  if (step.kind === 'exact') {
    if (step.end === 'source') draft.notFrom.push(step.word);
    else draft.conditions.push({ step, answer: fail });
    return collect(node.after(fail), share, draft);
  }
  const { only } = node;
  if (only === null) return false;
  draft.conditions.push({ step, answer: only.answer });
  return collect(only.node, share, draft);
}

function addWay({ end, writes, rules, depth, touched }: Segment, share: number, draft: Draft): boolean {
  if (end.kind !== 'sent' || writes.length > 0) return false;
  draft.rules = Math.max(draft.rules, rules + 1);
  draft.depth = Math.max(draft.depth, depth);
  addTouched(draft.touched, touched);
  const at = draft.ways.findIndex(({ to }) => to.port === end.to.port && sameAddress(to.address, end.to.address));
  const known = draft.ways[at];
  if (known === undefined) draft.ways.push({ share, to: end.to });
  else draft.ways[at] = { share: known.share + share, to: known.to };
  return true;
}

/** Whether the machine's packet goes the fan's ways: it is then sent there. */
export function takeFan({ notFrom, conditions, ways, touched }: Fan, machine: Machine): boolean {
  const { packet } = machine;
  const { destination } = packet;
  const from = packet.source.address.words[0] as number;
  if (
    machine.siblings.length > 0 ||
    machine.tries ||
    machine.isAnsweringAgain ||
    packet.family !== 'ip' ||
    machine.hook !== 'prerouting' ||
    packet.inInterface === 'lo'
  )
    return false;
  for (let i = 0; i < notFrom.length; i++) if (notFrom[i] === from) return false;
  if (conditions.length > 0 && !allHold(conditions, machine)) return false;
  const ends: End[] = [];
  for (let i = 0; i < ways.length; i++) {
    const { address, port } = (ways[i] as Way).to;
    const own = destination.port === null ? null : (port ?? destination.port);
    // NAT to where it goes anyway leaves the connection another.
    if (own === destination.port && sameAddress(address, destination.address)) return false;
    ends.push({ address, port: own });
  }
  addTouched(machine.touched, touched);
  machine.sendTo(
    ends,
    ways.map(({ share }) => share),
  );
  return true;
}

/** Nothing is asked: what is open is left to the rules. */
function allHold(conditions: readonly Condition[], machine: Machine): boolean {
  return machine.lookAhead(() => conditions.every(({ step, answer }) => take(step, machine) === answer)) === true;
}

import { sameAddress } from '#facts/address.ts';
import { fail, next } from '../op.ts';
import { untouched } from '../touched.ts';
import { Fan, type FanDraft } from './fan.ts';
import type { Node } from './node.ts';
import { addTouched, type Segment } from './segment.ts';

/** Null: what begins at the node is no such thing, or not all of it is known. */
export function fanOf(node: Node): Fan | null {
  const draft: FanDraft = { rules: 0, depth: 0, touched: untouched(), notFrom: [], conditions: [], ways: [] };
  return collect(node, 1, draft) && draft.ways.length > 1 ? new Fan(draft) : null;
}

/** More ways than this are walked one by one. */
const maxWays = 256;

function collect(node: Node | undefined, share: number, draft: FanDraft): boolean {
  if (node === undefined || draft.ways.length >= maxWays) return false;
  const { step, segment } = node;
  if (step === null) return segment !== null && addWay(segment, share, draft);
  if (step.kind === 'test' && step.op.chance !== undefined) {
    const { chance } = step.op;
    return collect(node.after(next), share * chance, draft) && collect(node.after(fail), share * (1 - chance), draft);
  }
  if (step.kind === 'exact' && step.end === 'source') {
    draft.notFrom.push(step.word);
    return collect(node.after(fail), share, draft);
  }
  const { only } = node;
  if (only === null || draft.conditions.some((each) => each.step === step && each.answer !== only.answer)) return false;
  draft.conditions.push({ step, answer: only.answer });
  return collect(only.node, share, draft);
}

function addWay({ end, writes, rules, depth, touched }: Segment, share: number, draft: FanDraft): boolean {
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

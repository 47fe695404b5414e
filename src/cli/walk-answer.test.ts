import { expect, test } from 'vitest';
import type { PacketWalk, Verdict, WalkLeg } from '#facts/packet-walk.ts';
import { statusOf } from './walk-answer.ts';

const leg = (verdict: Verdict, ...outcomes: readonly Verdict[]): WalkLeg => ({
  verdict,
  because: verdict === 'undecided' ? 'outcome-depends' : null,
  steps: [],
  out: null,
  ...(outcomes.length > 0 && { outcomes: outcomes.map((each) => ({ verdict: each, probability: null, order: null, out: null })) }),
});
const walk = (request: WalkLeg, reply: WalkLeg | null): PacketWalk => ({ request, reply, blame: null, undecided: [] });

test.each([
  ['delivered both ways', walk(leg('delivered'), leg('delivered')), 0],
  ['lost', walk(leg('delivered'), leg('dropped')), 1],
  ['lost this way or that', walk(leg('undecided', 'dropped', 'rejected'), null), 1],
  ['perhaps lost', walk(leg('undecided', 'dropped', 'delivered'), null), 3],
  ['a reply that nobody knows', walk(leg('delivered'), null), 3],
] as const)('%s', (_, answer, status) => {
  expect(statusOf(answer)).toBe(status);
});

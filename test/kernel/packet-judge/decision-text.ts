import type { PacketOut, WalkLeg } from '#facts/packet-walk.ts';

/** All that a decision says, in words that do not depend on the order in which ways were walked. */
export function decisionText({ verdict, because, out, outcomes }: WalkLeg): string {
  // Which of too many ways were walked does not matter.
  if (because === 'not-modelled') return `${verdict} ${because}`;
  if (outcomes === undefined) return `${verdict} ${because} ${outText(out)}`;
  const texts = outcomes.map((each) => `${each.verdict} ${outText(each.out)} ${each.order} ${each.probability?.toFixed(6) ?? 'unknown'}`);
  return [`${verdict} ${because}`, ...texts.sort()].join('; ');
}

const outText = (out: PacketOut | null): string => (out === null ? 'nowhere' : `${out.interface} ${out.from} ${out.to} ${out.mark}`);

import type { PacketWalk, RulePlace, Undecidable, Verdict } from '#facts/packet-walk.ts';
import type { ReachFate } from '#facts/reach.ts';
import type { Loss } from './chain-memory.ts';
import type { Ending } from './class-run.ts';

/** What becomes of a pair that may end in all of these ways, as a walk would combine them. */
export function fateOfEndings(endings: readonly Ending[]): ReachFate {
  const request = legOf(
    endings.map((each) => each.request),
    endings.some(({ request, reply, asked, gaps }) => asked.length > 0 || (reply === null && request !== 'delivered' && gaps.length > 0)),
  );
  const answered = endings.filter(({ reply }) => reply !== null);
  // Where the request may have ended otherwise than we can tell, so may its reply.
  const isOpen = endings.some(({ request: each }) => each === 'undecided');
  const reply =
    answered.length === 0
      ? null
      : isOpen
        ? untold
        : legOf(
            answered.map((each) => each.reply as Verdict),
            answered.some(({ asked, gaps }) => asked.length > 0 || gaps.length > 0),
          );
  const verdict = worseOf(request.verdict, reply?.verdict ?? null);
  const lost = reply?.verdict === 'dropped' || reply?.verdict === 'rejected' ? reply.verdict : request.verdict;
  const isLost = lost === 'dropped' || lost === 'rejected';
  const first = isLost
    ? (endings.find(({ loss, reordered }) => loss !== null && !reordered) ?? endings.find(({ loss }) => loss !== null))
    : undefined;
  const because = request.because ?? reply?.because ?? null;
  const open = request.because === 'not-modelled' || reply?.because === 'not-modelled';
  return {
    verdict,
    request: request.verdict,
    reply: reply?.verdict ?? null,
    because: isLost ? null : because,
    blame: first === undefined ? null : blameOf(first, first.loss as Loss),
    kernel: isLost && first === undefined ? (endings.find(({ kernel }) => kernel !== null)?.kernel ?? null) : null,
    undecided: open ? unique(endings.flatMap(({ gaps, asked }) => [...gaps, ...asked])) : [],
  };
}

interface Leg {
  readonly verdict: Verdict;
  readonly because: ReachFate['because'];
}

const untold: Leg = { verdict: 'undecided', because: 'not-modelled' };

function legOf(all: readonly Verdict[], unknown: boolean): Leg {
  const [first] = all;
  const verdict = first !== undefined && all.every((each) => each === first) ? first : 'undecided';
  return { verdict, because: verdict !== 'undecided' ? null : unknown ? 'not-modelled' : 'outcome-depends' };
}

/** Lost in one leg is lost; a request that is never answered is undecided. */
function worseOf(request: Verdict, reply: Verdict | null): Verdict {
  for (const each of ['dropped', 'rejected'] as const) if (request === each || reply === each) return each;
  return request === 'delivered' && reply === 'delivered' ? 'delivered' : 'undecided';
}

function blameOf(ending: Ending, { chain, rule }: Loss): RulePlace & { readonly leg: 'request' | 'reply' } {
  const { backend, family, name, source } = chain.table;
  return {
    leg: ending.reply === null ? 'request' : 'reply',
    backend,
    family,
    table: name,
    chain: chain.name,
    rule: rule?.index ?? null,
    text: rule === null ? `policy ${(chain.policy ?? 'accept').toUpperCase()}` : rule.text,
    source,
    line: rule?.line ?? chain.line,
    packets: rule === null ? chain.packets : rule.packets,
  };
}

function unique(gaps: readonly Undecidable[]): readonly Undecidable[] {
  return [...new Map(gaps.map((gap) => [JSON.stringify(gap), gap])).values()];
}

export function fateOfWalk({ request, reply, blame, undecided }: PacketWalk): ReachFate {
  const verdict = worseOf(request.verdict, reply?.verdict ?? null);
  const isLost = verdict === 'dropped' || verdict === 'rejected';
  const because = isLost ? null : (request.because ?? reply?.because ?? null);
  return { verdict, request: request.verdict, reply: reply?.verdict ?? null, because, blame, kernel: null, undecided };
}

/** Pairs that classes could not be run through, and that were too many to walk one by one. */
export function fateUnknown(because: string): ReachFate {
  const gap = { backend: null, table: '*', chain: '*', rule: null, because };
  return { verdict: 'undecided', request: 'undecided', reply: null, because: 'not-modelled', blame: null, kernel: null, undecided: [gap] };
}

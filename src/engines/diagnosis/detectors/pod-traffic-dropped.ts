import { citeChain, citeRule } from '#engines/backends/cite-rule.ts';
import { openWalker } from '#engines/packet-walk/index.ts';
import type { Figures } from '#facts/diagnosis.ts';
import type { Evidence } from '#facts/evidence.ts';
import type { PacketWalk, WalkLeg, WalkStep } from '#facts/packet-walk.ts';
import type { Backend } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { type Detected, nothing, open } from '../fact.ts';
import { felixBackend, otherBackend } from '../felix-backend.ts';
import type { Observations } from '../observations.ts';
import { maxPods, type NamedProbe, probesOf, walkablePods } from '../probes.ts';
import { number, plural } from '../words.ts';

interface Walked extends NamedProbe {
  readonly walk: PacketWalk;
}
type Blame = NonNullable<PacketWalk['blame']>;
type Leg = Blame['leg'];
interface Lost extends Walked {
  readonly leg: Leg;
  /** The rule that took the packet; null where the kernel itself did (routing, rp_filter, forwarding). */
  readonly blame: Blame | null;
  /** Delivered both ways where Calico's stale rules are left out. */
  readonly mended: boolean;
}

/** Walks connections of every pod through the rules of both backends; what a network policy drops by intent is no fault. */
export function podTrafficDropped(seen: Observations): Detected {
  const { snapshot } = seen;
  if (snapshot.pods.kind === 'missing') return withoutPods(seen, `${snapshot.pods.source}: ${snapshot.pods.because}`);
  const walker = openWalker(snapshot);
  const walked = probesOf(snapshot).map((each) => ({ ...each, walk: walker.walk(each.probe) }));
  const lost = lostOf(seen, walked);
  const undecided = [...openWalks(walked), ...notWalked(snapshot, walked)];
  const first = lost.find(({ local }) => local) ?? lost[0];
  if (first === undefined) return { fact: null, undecided };
  const local = lost.filter((each) => each.local);
  const pods = new Set((local.length > 0 ? local : lost).map(({ pod }) => pod));
  const byUnknown = lost.some(({ blame, mended }) => mended && blame?.chain.includes('-wl-dispatch') === true);
  return {
    fact: {
      id: 'pod-traffic-dropped',
      subject: `${number(pods.size)} of ${plural(walkablePods(snapshot).length, 'pod')}`,
      detail: detailOf(first, lost, seen),
      figures: { pods: pods.size, ofPods: walkablePods(snapshot).length, ...figuresOf(first, lost, seen) },
      at: null,
      confidence: 'proven',
      evidence: [...blamedRules(seen, [first, ...lost]), ...captures(seen, first)],
      causedBy: byUnknown ? ['unknown-interface-drop'] : [],
    },
    undecided,
  };
}

function withoutPods(seen: Observations, missing: string): Detected {
  return seen.survey.owned.some(({ owner }) => owner === 'calico') ? open('does the traffic of the pods arrive?', missing) : nothing;
}

function lostOf(seen: Observations, walked: readonly Walked[]): readonly Lost[] {
  const used = felixBackend(seen)?.backend ?? null;
  const without = used === null ? null : openWalker(seen.snapshot, { without: [{ owner: 'calico', backend: otherBackend(used) }] });
  return walked.flatMap((each) => {
    const leg = lostLeg(each.walk);
    if (leg === null) return [];
    const { blame } = each.walk;
    const mended = without !== null && arrives(without.walk(each.probe));
    return !mended && blame !== null && isIntended(blame, used) ? [] : [{ ...each, leg, blame, mended }];
  });
}

function lostLeg({ request, reply }: PacketWalk): Leg | null {
  const isLost = ({ verdict }: WalkLeg): boolean => verdict === 'dropped' || verdict === 'rejected';
  if (isLost(request)) return 'request';
  return reply !== null && isLost(reply) ? 'reply' : null;
}

/**
 * Drops that an operator asked for: Calico's policies and its default from a workload to its host, unless they stand in the backend that Felix
 * is known not to program; kube-router's policies; and kube-proxy's rejection for a Service without endpoints.
 */
function isIntended({ backend, chain, text }: Blame, used: Backend | null): boolean {
  if (/^KUBE-(NWPLCY|POD-FW)/.test(chain)) return true;
  if (chain.startsWith('KUBE-') && /has no (local )?endpoints/.test(text)) return true;
  return (used === null || backend === used) && /^cali-((fw|tw|pi|po|pri|pro|gi|go)-|wl-to-host$)/.test(chain);
}

function arrives({ request, reply }: PacketWalk): boolean {
  return request.verdict === 'delivered' && reply?.verdict === 'delivered';
}

function openWalks(walked: readonly Walked[]): Detected['undecided'] {
  const reasons = new Map<string, Walked[]>();
  for (const each of walked) {
    if (each.walk.request.verdict !== 'undecided' && each.walk.reply?.verdict !== 'undecided') continue;
    const because = each.walk.undecided[0]?.because ?? 'the outcome depends on state outside the snapshot';
    reasons.set(because, [...(reasons.get(because) ?? []), each]);
  }
  return [...reasons].map(([missing, [first, ...others]]) => {
    const more = others.length === 0 ? '' : ` (and ${plural(others.length, 'more connection')})`;
    return { question: `does ${first?.name ?? ''} arrive and come back?${more}`, missing };
  });
}

/** Pods that no connection was walked of: those behind the bound, and those without an address that can be probed. */
function notWalked(snapshot: Snapshot, walked: readonly Walked[]): Detected['undecided'] {
  const pods = walkablePods(snapshot);
  const probed = new Set(walked.map(({ pod }) => pod));
  const left = pods.slice(0, maxPods).filter((pod) => !probed.has(pod));
  const others = pods.length - maxPods;
  return [
    ...(left.length === 0
      ? []
      : [
          {
            question: `does the traffic of ${left[0]?.namespace}/${left[0]?.name} arrive?${left.length === 1 ? '' : ` (and of ${plural(left.length - 1, 'more pod')})`}`,
            missing: 'an IPv4 address of the pod, and of the node or of a second pod to talk to',
          },
        ]),
    ...(others <= 0
      ? []
      : [{ question: `is the traffic of the other ${others} pods delivered?`, missing: `only the first ${maxPods} pods are walked` }]),
  ];
}

function detailOf(first: Lost, lost: readonly Lost[], seen: Observations): string {
  const { name, leg, blame, mended } = first;
  const where = leg === 'request' ? 'is lost' : 'arrives, its reply is lost';
  const rule =
    blame === null
      ? `the kernel's own step: ${kernelStep(first)?.text ?? 'not told'}`
      : `${blame.backend} ${blame.table} ${blame.chain}${blame.rule === null ? ' policy' : ` #${blame.rule}`}`;
  const used = felixBackend(seen)?.backend;
  const cure = mended && used !== undefined ? `; without Calico's rules in ${otherBackend(used)} it is delivered both ways` : '';
  const more = lost.length === 1 ? '' : `; ${lost.length} connections in all`;
  return `${name} ${where} at ${rule}${cure}${more}`;
}

/** The last thing that the kernel did to the packet besides the rules. */
function kernelStep({ walk, leg }: Lost): WalkStep | undefined {
  return walk[leg]?.steps.findLast(({ backend }) => backend === null);
}

function figuresOf(first: Lost, lost: readonly Lost[], seen: Observations): Figures {
  const { name, leg, blame, mended } = first;
  const used = felixBackend(seen)?.backend;
  return {
    connection: name,
    leg,
    connections: lost.length,
    ...(blame === null
      ? { kernelStep: kernelStep(first)?.text ?? '' }
      : { backend: blame.backend, table: blame.table, chain: blame.chain, ...(blame.rule === null ? {} : { rule: blame.rule }) }),
    ...(mended && used !== undefined ? { mendedWithout: otherBackend(used) } : {}),
  };
}

function blamedRules(seen: Observations, lost: readonly Lost[]): readonly Evidence[] {
  const rules = new Map<string, Lost>();
  for (const each of lost) {
    const step = each.blame ?? kernelStep(each);
    const place = `${step?.source}:${step?.line}:${step?.text}`;
    if (!rules.has(place)) rules.set(place, each);
  }
  return [...rules.values()].slice(0, 8).flatMap((each) => citeBlame(seen, each));
}

function citeBlame({ snapshot }: Observations, lost: Lost): readonly Evidence[] {
  const { name, blame } = lost;
  if (blame === null) return citeKernel(snapshot, lost);
  const family = blame.family === 'ip6' ? 'ip6' : 'ip';
  const reading = snapshot.rulesets[blame.backend][family];
  const chain = reading.kind === 'read' ? reading.value.tables.get(blame.table)?.chains.get(blame.chain) : undefined;
  if (reading.kind === 'missing' || chain === undefined) return [];
  const says = `drops the ${blame.leg} of ${name}`;
  const rule = chain.rules.find(({ index }) => index === blame.rule);
  return [rule === undefined ? citeChain(reading.value, chain, says) : citeRule(reading.value, chain, rule, says)];
}

/** The route or sysctl by which the kernel decided; nothing where it decided for want of one. */
function citeKernel(snapshot: Snapshot, lost: Lost): readonly Evidence[] {
  const step = kernelStep(lost);
  if (step === undefined || step.source === null) return [];
  const { source, line } = step;
  const routes = snapshot.routes.kind === 'read' ? snapshot.routes.value : [];
  const route = routes.find(({ at }) => at.source === source && at.line === line)?.text;
  const sysctl = [...snapshot.sysctls.values()].find(({ at }) => at.source === source)?.text;
  const text = route ?? sysctl;
  return text === undefined || line === null ? [] : [{ source, line, text, says: `${step.text}: loses the ${lost.leg} of ${lost.name}` }];
}

/** Recorded packets of the pod whose connection is lost: what was seen on either end of its veth. */
function captures({ snapshot }: Observations, { pod }: Lost): readonly Evidence[] {
  if (snapshot.packets.kind === 'missing') return [];
  const relevant = snapshot.packets.value.filter(({ end }) => end === 'node' || end === `${pod.namespace}/${pod.name}`);
  return relevant.flatMap(({ interface: device, end, packets, source }) =>
    packets.slice(-2).map(({ line, text, summary }) => ({ source, line, text, says: `seen at ${device} (${end}): ${summary}` })),
  );
}

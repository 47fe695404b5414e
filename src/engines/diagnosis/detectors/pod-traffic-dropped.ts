import { citeChain, citeRule } from '#engines/backends/cite-rule.ts';
import { openWalker } from '#engines/packet-walk/index.ts';
import type { Figures } from '#facts/diagnosis.ts';
import type { Evidence } from '#facts/evidence.ts';
import type { PacketWalk } from '#facts/packet-walk.ts';
import type { Backend } from '#facts/rule.ts';
import { type Detected, nothing, open } from '../fact.ts';
import { felixBackend, otherBackend } from '../felix-backend.ts';
import type { Observations } from '../observations.ts';
import { maxPods, type NamedProbe, probesOf, walkablePods } from '../probes.ts';
import { number, plural } from '../words.ts';

interface Walked extends NamedProbe {
  readonly walk: PacketWalk;
}
type Blame = NonNullable<PacketWalk['blame']>;
interface Lost extends Walked {
  readonly blame: Blame;
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
  const undecided = [...openWalks(walked), ...boundOf(walkablePods(snapshot).length)];
  const first = lost.find(({ local }) => local) ?? lost[0];
  if (first === undefined) return { fact: null, undecided };
  const local = lost.filter((each) => each.local);
  const pods = new Set((local.length > 0 ? local : lost).map(({ pod }) => pod));
  const byUnknown = lost.some(({ blame, mended }) => mended && blame.chain.includes('-wl-dispatch'));
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
    const { blame } = each.walk;
    if (blame === null) return [];
    const mended = without !== null && arrives(without.walk(each.probe));
    return !mended && isIntended(blame, used) ? [] : [{ ...each, blame, mended }];
  });
}

/** Drops in chains that hold what an operator asked for: policies, and the default of traffic from a workload to its host. */
function isIntended({ backend, chain }: Blame, used: Backend | null): boolean {
  return backend === used && /^(cali-(fw|tw|pi|po|pri|pro|gi|go)-|cali-wl-to-host$|KUBE-NWPLCY|KUBE-POD-FW)/.test(chain);
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

function boundOf(pods: number): Detected['undecided'] {
  if (pods <= maxPods) return [];
  return [
    { question: `is the traffic of the other ${pods - maxPods} pods delivered?`, missing: `only the first ${maxPods} pods are walked` },
  ];
}

function detailOf({ name, blame, mended }: Lost, lost: readonly Lost[], seen: Observations): string {
  const where = blame.leg === 'request' ? 'is lost' : 'arrives, its reply is lost';
  const rule = `${blame.backend} ${blame.table} ${blame.chain}${blame.rule === null ? ' policy' : ` #${blame.rule}`}`;
  const used = felixBackend(seen)?.backend;
  const cure = mended && used !== undefined ? `; without Calico's rules in ${otherBackend(used)} it is delivered both ways` : '';
  const more = lost.length === 1 ? '' : `; ${lost.length} connections in all`;
  return `${name} ${where} at ${rule}${cure}${more}`;
}

function figuresOf({ name, blame, mended }: Lost, lost: readonly Lost[], seen: Observations): Figures {
  const used = felixBackend(seen)?.backend;
  return {
    connection: name,
    leg: blame.leg,
    backend: blame.backend,
    table: blame.table,
    chain: blame.chain,
    connections: lost.length,
    ...(blame.rule === null ? {} : { rule: blame.rule }),
    ...(mended && used !== undefined ? { mendedWithout: otherBackend(used) } : {}),
  };
}

function blamedRules(seen: Observations, lost: readonly Lost[]): readonly Evidence[] {
  const rules = new Map<string, Lost>();
  for (const each of lost) {
    const place = `${each.blame.source}:${each.blame.line}`;
    if (!rules.has(place)) rules.set(place, each);
  }
  return [...rules.values()].slice(0, 8).flatMap((each) => citeBlame(seen, each));
}

function citeBlame({ snapshot }: Observations, { name, blame }: Lost): readonly Evidence[] {
  const family = blame.family === 'ip6' ? 'ip6' : 'ip';
  const reading = snapshot.rulesets[blame.backend][family];
  const chain = reading.kind === 'read' ? reading.value.tables.get(blame.table)?.chains.get(blame.chain) : undefined;
  if (reading.kind === 'missing' || chain === undefined) return [];
  const says = `drops the ${blame.leg} of ${name}`;
  const rule = chain.rules.find(({ index }) => index === blame.rule);
  return [rule === undefined ? citeChain(reading.value, chain, says) : citeRule(reading.value, chain, rule, says)];
}

/** Recorded packets of the pod whose connection is lost: what was seen on either end of its veth. */
function captures({ snapshot }: Observations, { pod }: Lost): readonly Evidence[] {
  if (snapshot.packets.kind === 'missing') return [];
  const relevant = snapshot.packets.value.filter(({ end }) => end === 'node' || end === `${pod.namespace}/${pod.name}`);
  return relevant.flatMap(({ interface: device, end, packets, source }) =>
    packets.slice(-2).map(({ line, text, summary }) => ({ source, line, text, says: `seen at ${device} (${end}): ${summary}` })),
  );
}

import type { Diagnosis, Finding, OpenQuestion, RuledOut } from '#facts/diagnosis.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { formatIsoTime } from '#formats/parse-time.ts';
import { removalsWithheld } from './actions/remove-calico-rules.ts';
import { actionsFor } from './actions.ts';
import { whatIsAhead } from './ahead.ts';
import { joinFacts } from './chain.ts';
import { backendLockedIn } from './detectors/backend-locked-in.ts';
import { backendMisdetected } from './detectors/backend-misdetected.ts';
import { componentRestarts } from './detectors/component-restarts.ts';
import { pidsLimitReached } from './detectors/pids-limit-reached.ts';
import { podTrafficDropped } from './detectors/pod-traffic-dropped.ts';
import { staleRules } from './detectors/stale-rules.ts';
import { threadStorm } from './detectors/thread-storm.ts';
import { unknownInterfaceDrop } from './detectors/unknown-interface-drop.ts';
import type { Detected } from './fact.ts';
import { type Observations, observe } from './observations.ts';
import { openLimits } from './open-limits.ts';
import { ruledOutLimits } from './ruled-out.ts';
import { essentialGaps, summaryOf, verdictOf } from './verdict.ts';

/** In the order of cause. Each looks for one failure mode. */
const detectors: readonly ((seen: Observations) => Detected)[] = [
  threadStorm,
  pidsLimitReached,
  componentRestarts,
  backendMisdetected,
  backendLockedIn,
  staleRules,
  unknownInterfaceDrop,
  podTrafficDropped,
];

/** What is wrong with one node, from cause to symptom, each step with the evidence that it rests on. */
export function diagnose(snapshot: Snapshot): Diagnosis {
  const seen = observe(snapshot);
  const detected = detectors.map((detect) => detect(seen));
  const joined = joinFacts(detected.flatMap(({ fact }) => (fact === null ? [] : [fact])));
  const findings = [...joined.findings, ...notTold(seen.base.findings, detected)];
  const all = [...joined.chain, ...findings];
  const open = detected.flatMap(({ undecided }) => undecided);
  const verdict = verdictOf(seen, all, open);
  return {
    apiVersion: 'faultline.dev/v1',
    kind: 'Diagnosis',
    node: snapshot.node,
    capturedAt: snapshot.capturedAt === null ? null : formatIsoTime(snapshot.capturedAt),
    versions: versionsOf(snapshot),
    notes: snapshot.notes,
    verdict,
    summary: summaryOf(verdict, joined.chain, findings),
    chain: joined.chain,
    ahead: whatIsAhead(seen, all),
    findings,
    ruledOut: [...seen.base.ruledOut, ...ruledOutLimits(seen)] satisfies readonly RuledOut[],
    undecided: [...openQuestions(seen, detected), ...(all.some(({ id }) => id === 'stale-rules') ? removalsWithheld(seen) : [])],
    actions: actionsFor(seen, all),
  };
}

/** The base check of dispatch chains names the same interfaces and rule as the failure mode: one of the two is enough. */
function notTold(base: readonly Finding[], detected: readonly Detected[]): readonly Finding[] {
  const told = detected.some(({ fact }) => fact?.id === 'unknown-interface-drop');
  return base.filter(({ id }) => !(told && id === 'endpoint-without-rules'));
}

function versionsOf({ versions, kernel }: Snapshot): Readonly<Record<string, string>> {
  return { ...Object.fromEntries(versions), ...(kernel === null ? {} : { kernel }) };
}

function openQuestions(seen: Observations, detected: readonly Detected[]): readonly OpenQuestion[] {
  const asked = [
    ...detected.flatMap(({ undecided }) => undecided),
    ...essentialGaps(seen),
    ...openLimits(seen),
    ...seen.survey.undecided,
    ...seen.base.undecided,
  ];
  const first = new Map(asked.toReversed().map((each) => [`${each.question}\n${each.missing}`, each]));
  return asked.filter((each) => first.get(`${each.question}\n${each.missing}`) === each);
}

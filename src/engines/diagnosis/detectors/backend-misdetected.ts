import type { Figures } from '#facts/diagnosis.ts';
import type { Evidence } from '#facts/evidence.ts';
import type { BackendReplay } from '#facts/ownership.ts';
import type { Backend } from '#facts/rule.ts';
import { citeEvent, type Detected, type Fact, found, nothing, open } from '../fact.ts';
import { type FelixBackend, felixBackend, kubernetesBackend, otherBackend } from '../felix-backend.ts';
import { replayFailing, replayNow } from '../felix-replay.ts';
import type { FelixStart } from '../felix-starts.ts';
import type { Observations } from '../observations.ts';

/** Felix, left to detect its backend, programs another one than kubelet and kube-proxy do, or than it did at its earlier start. */
export function backendMisdetected(seen: Observations): Detected {
  if (seen.configured.kind === 'read' && seen.configured.value !== 'auto') return nothing;
  const felix = felixBackend(seen);
  if (felix === null) return nothing;
  const expected = expectedBackend(seen, felix.backend);
  if (expected === null) return nothing;
  const fact = factOf(seen, felix, expected);
  if (seen.configured.kind === 'read') return found(fact);
  const { question, missing } = { question: 'is a backend configured for Felix?', missing: seen.configured.because };
  return { fact: { ...fact, confidence: 'supported' }, undecided: open(question, `${seen.configured.source}: ${missing}`).undecided };
}

interface Expected {
  readonly evidence: readonly Evidence[];
  readonly words: string;
  readonly figures: Figures;
}

/** Why the backend in use is the wrong one; null where nothing says so. Agreement with kubelet and kube-proxy outweighs an earlier start. */
function expectedBackend(seen: Observations, used: Backend): Expected | null {
  const kubernetes = kubernetesBackend(seen);
  if (kubernetes?.backend === used) return null;
  const earlier = lastStartWith(seen.starts, otherBackend(used));
  const evidence = [
    ...(earlier?.lookups[0] === undefined ? [] : [citeEvent(earlier.lookups[0], `an earlier start of Felix used ${otherBackend(used)}`)]),
    ...(kubernetes?.evidence ?? []),
  ];
  if (evidence.length === 0) return null;
  const who = [kubernetes === null ? null : 'kubelet and kube-proxy', earlier === null ? null : 'its own earlier start'].filter(
    (x) => x !== null,
  );
  const figures: Figures = {
    expected: otherBackend(used),
    ...(kubernetes === null ? {} : { byKubernetes: 1 }),
    ...(earlier === null ? {} : { byEarlierStart: 1 }),
  };
  return { evidence, figures, words: `while ${otherBackend(used)} is the choice of ${who.join(' and of ')}` };
}

function lastStartWith(starts: readonly FelixStart[], backend: Backend): FelixStart | null {
  return starts.findLast(({ chose }) => chose === backend) ?? null;
}

/** The start at which Felix changed over to the backend in use: the first one after which every choice was the same. */
export function switchingStart(starts: readonly FelixStart[], used: Backend): FelixStart | null {
  const last = starts.findLastIndex(({ chose }) => chose === otherBackend(used));
  return starts.slice(last + 1).find(({ chose }) => chose === used) ?? null;
}

interface Cause {
  readonly kind: 'probes-failed' | 'rules';
  readonly replay: BackendReplay;
}

function factOf(seen: Observations, felix: FelixBackend, expected: Expected): Fact {
  const start = switchingStart(seen.starts, felix.backend);
  const cause = causeOf(seen, felix.backend, start);
  const failures = (start?.failures ?? []).slice(0, 4).map((event) => citeEvent(event));
  const shown = start?.lookups[0];
  const choice = shown === undefined ? felix.evidence : [citeEvent(shown, `Felix chose ${felix.backend}`)];
  return {
    id: 'backend-misdetected',
    subject: 'calico-node/felix',
    detail: `Felix chose ${felix.backend}, ${expected.words}; ${causeWords(cause)}`,
    figures: {
      chose: felix.backend,
      ...expected.figures,
      ...(cause === null ? {} : { cause: cause.kind, branch: cause.replay.branch }),
    },
    at: shown?.time ?? start?.start.time ?? null,
    confidence: felix.from === 'log' && cause !== null ? 'proven' : 'supported',
    evidence: [...failures, ...choice, ...expected.evidence],
    causedBy: cause?.kind === 'probes-failed' ? ['component-restarts', 'pids-limit-reached'] : [],
  };
}

/** Failed probes only where the log of that very start shows that programs could not be run, and the replay then ends at this backend. */
function causeOf(seen: Observations, used: Backend, start: FelixStart | null): Cause | null {
  if (start !== null && start.failures.length > 0) {
    const replay = replayFailing(seen);
    if (replay?.detected === used) return { kind: 'probes-failed', replay };
  }
  const replay = replayNow(seen, used, 'foreign');
  return replay?.detected === used ? { kind: 'rules', replay } : null;
}

function causeWords(cause: Cause | null): string {
  if (cause === null) return 'why is not shown by its log';
  const why =
    cause.kind === 'probes-failed' ? 'its probes failed, and a replay with failing probes' : 'a replay without the rules of Felix itself';
  return `${why} chooses the same: ${cause.replay.branch}`;
}

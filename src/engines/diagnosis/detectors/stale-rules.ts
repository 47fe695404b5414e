import type { Figures } from '#facts/diagnosis.ts';
import { citeEvent, type Detected, found, nothing, open } from '../fact.ts';
import { calicoIn, felixBackend, otherBackend, ruleTotal } from '../felix-backend.ts';
import type { Observations } from '../observations.ts';
import { number } from '../words.ts';
import { backendMisdetected, switchingStart } from './backend-misdetected.ts';

/** Calico's rules in the backend that Felix does not program. */
export function staleRules(seen: Observations): Detected {
  const felix = felixBackend(seen);
  if (felix === null) return bothBackends(seen);
  const stale = otherBackend(felix.backend);
  const owned = calicoIn(seen, stale);
  if (owned.length === 0) return nothing;
  const start = switchingStart(seen.starts, felix.backend);
  const earlier = seen.starts.findLast(({ chose }) => chose === stale);
  const misdetected = backendMisdetected(seen).fact !== null;
  return found({
    id: 'stale-rules',
    subject: `netfilter/${stale}`,
    detail: `${number(ruleTotal(owned))} Calico rules in ${stale}, which Felix does not program${knowledge(seen, stale)}`,
    figures: { rules: ruleTotal(owned), backend: stale, ...known(seen, stale) },
    at: start?.start.time ?? null,
    confidence: felix.from === 'log' ? 'proven' : 'supported',
    evidence: [
      ...owned.flatMap(({ evidence }) => evidence.slice(0, 1)),
      ...felix.evidence,
      ...(earlier?.lookups[0] === undefined ? [] : [citeEvent(earlier.lookups[0], `Felix programmed ${stale} until its next start`)]),
    ],
    causedBy: misdetected ? ['backend-locked-in', 'backend-misdetected'] : [],
  });
}

function bothBackends(seen: Observations): Detected {
  if (calicoIn(seen, 'legacy').length === 0 || calicoIn(seen, 'nft').length === 0) return nothing;
  return open(
    'whose Calico rules are stale, those in legacy or those in nft?',
    "the newest start in Felix's log, with a look-up of a restore command",
  );
}

function knowledge(seen: Observations, backend: string): string {
  const { known: count, live } = known(seen, backend);
  return count === undefined ? '' : `; they know ${count} of ${live} interfaces`;
}

function known({ interfaces }: Observations, backend: string): Figures {
  const compared =
    interfaces.kind === 'read' ? interfaces.value.find((each) => each.backend === backend && each.family === 'ip') : undefined;
  if (compared === undefined) return {};
  const { live, unknown } = compared;
  return { known: live.length - unknown.length, live: live.length };
}

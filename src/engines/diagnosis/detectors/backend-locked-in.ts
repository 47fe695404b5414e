import { type Detected, found, nothing, open } from '../fact.ts';
import { calicoIn, felixBackend, ruleTotal } from '../felix-backend.ts';
import { replayNow } from '../felix-replay.ts';
import type { Observations } from '../observations.ts';
import { number } from '../words.ts';
import { backendMisdetected } from './backend-misdetected.ts';

/** With every probe working Felix would choose the wrong backend again, because of the rules that it wrote there itself. */
export function backendLockedIn(seen: Observations): Detected {
  const felix = felixBackend(seen);
  const wrong = backendMisdetected(seen).fact;
  if (felix === null || wrong === null) return nothing;
  const own = calicoIn(seen, felix.backend);
  if (ruleTotal(own) === 0) return nothing;
  const now = replayNow(seen, felix.backend, 'all');
  const alone = replayNow(seen, felix.backend, 'own');
  const question = `would Felix choose ${felix.backend} again at its next start?`;
  if (now === null || alone === null) return open(question, 'versions.json: the version of calico');
  if (now.detected === 'undecided') return open(question, now.missing.join('; '));
  if (now.detected !== felix.backend || alone.detected !== felix.backend) return nothing;
  return found({
    id: 'backend-locked-in',
    subject: 'calico-node/felix',
    detail: `with all probes working it would choose ${felix.backend} again: ${now.branch}; ${number(ruleTotal(own))} ${felix.backend} rules are its own`,
    figures: { backend: felix.backend, branch: now.branch, ownRules: ruleTotal(own) },
    at: null,
    confidence: felix.from === 'log' ? 'proven' : 'supported',
    evidence: own.flatMap(({ evidence }) => evidence.slice(0, 1)),
    causedBy: ['backend-misdetected'],
  });
}

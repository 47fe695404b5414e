import type { Action, Finding } from '#facts/diagnosis.ts';
import type { Backend } from '#facts/rule.ts';
import { pinFelix, pinInManifest } from './actions/pin-felix.ts';
import { removeCalicoRules } from './actions/remove-calico-rules.ts';
import { raiseTaskLimit, recomputeKubepods } from './actions/room-for-threads.ts';
import { felixBackend, otherBackend } from './felix-backend.ts';
import type { Observations } from './observations.ts';

/**
 * What to do, in the order in which it must be done: room for threads first (nothing else can run without), then one owner of
 * the rules, then away with the rules of the other backend. No reboot, no flush.
 */
export function actionsFor(seen: Observations, findings: readonly Finding[]): readonly Action[] {
  const has = (id: string): boolean => findings.some((finding) => finding.id === id);
  const room = has('pids-limit-reached') ? [...raiseTaskLimit(seen), ...recomputeKubepods(seen)] : [];
  const felix = felixBackend(seen);
  const owner = felix === null || !has('stale-rules') ? [] : oneOwner(seen, felix.backend, has('backend-misdetected'));
  return inOrder([...room, ...owner]);
}

/** A mistaken Felix goes back to where the node's other components are; one that is where it was told to be stays. */
function oneOwner(seen: Observations, used: Backend, mistaken: boolean): readonly Action[] {
  const stale = otherBackend(used);
  if (!mistaken)
    return [
      ...removeCalicoRules(seen, stale, {
        id: 'clear-stale-rules',
        urgency: 'now',
        title: `remove Calico's stale ${stale} rules, nothing else`,
      }),
    ];
  return [
    pinFelix(seen, stale),
    ...removeCalicoRules(seen, used, {
      id: 'clear-other-backend',
      urgency: 'now',
      title: `then remove Felix's ${used} rules, nothing of others`,
    }),
    ...removeCalicoRules(seen, stale, {
      id: 'interim-clear-stale-rules',
      alternative: true,
      urgency: 'now',
      title: `only if the pin must wait: removing Calico's stale ${stale} rules alone restores traffic, with Felix still in ${used}`,
    }),
    pinInManifest(seen, stale),
  ];
}

const urgencies = ['now', 'next', 'later'] as const;

function inOrder(actions: readonly Action[]): readonly Action[] {
  return urgencies.flatMap((urgency) => actions.filter((action) => action.urgency === urgency));
}

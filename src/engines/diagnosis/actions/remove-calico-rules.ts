import type { Action } from '#facts/diagnosis.ts';
import type { Backend } from '#facts/rule.ts';
import { calicoIn, otherBackend } from '../felix-backend.ts';
import type { Observations } from '../observations.ts';

/** Lines of a dump that are Calico's: its chains, the rules in them, jumps to them, and rules that carry its hash as comment. */
const calicoLine = '^:cali-|^(\\[[0-9:]+\\] )?-A cali-|-[jg] cali-|--comment "?cali:[A-Za-z0-9_-]{16}"?( |$)';

/** Takes Calico's rules out of one backend and leaves all others with their counters. Each table is replaced in one step. */
export function removeCalicoRules(
  seen: Observations,
  backend: Backend,
  about: Pick<Action, 'id' | 'urgency' | 'title'>,
): readonly Action[] {
  const families = [...new Set(calicoIn(seen, backend).map(({ family }) => family))].sort();
  const steps = families.map((family) => {
    const program = `${family === 'ip' ? 'iptables' : 'ip6tables'}-${backend}`;
    const backup = `/var/tmp/faultline-${program}.save`;
    return {
      apply: [`f=${backup}`, `${program}-save -c > $f`, `test -s $f && grep -Ev "$calico" $f | ${program}-restore -c`],
      undo: `${program}-restore -c < ${backup}`,
    };
  });
  if (steps.length === 0) return [];
  return [
    {
      ...about,
      figures: { backend, other: otherBackend(backend) },
      commands: [`calico='${calicoLine}'`, ...steps.flatMap(({ apply }) => apply)],
      undo: steps.map(({ undo }) => undo),
      risk: `What others change in ${backend} between the backup and the restore is lost; kube-proxy and kubelet write theirs again within a minute. Without ${backend} programs on the host run them inside the calico-node container.`,
    },
  ];
}

import type { Located } from '#facts/evidence.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { conclude, type Outcome, ruledOut } from './check.ts';
import type { NodeNetwork } from './node-network.ts';

/** A table of the kernel with a limit: full is a finding, room rules it out. */
export function tableUse(of: {
  readonly what: string;
  readonly counter: string;
  readonly limit: string;
}): (network: NodeNetwork) => Outcome {
  return ({ snapshot }) => {
    const limit = snapshot.sysctls.get(of.limit);
    const use = useOf(snapshot, of.counter);
    const missing = [...(limit === undefined ? [of.limit] : []), ...(use === null ? [of.counter] : [])];
    const figures = `${use?.value} ${of.what} of ${limit?.value}`;
    const full = limit !== undefined && use !== null && Number(limit.value) > 0 && use.value >= Number(limit.value);
    return conclude({
      faults: full ? [{ subject: of.limit, says: figures, at: use }] : [],
      missing,
      otherwise: () =>
        ruledOut(
          figures,
          limit === undefined || use === null
            ? []
            : [
                { at: use, says: `${of.what} now` },
                { at: limit, says: of.limit },
              ],
        ),
    });
  };
}

/** Captures keep these numbers as counters or as the sysctls that the kernel shows them in (`fs.file-nr`: the first of three). */
function useOf(snapshot: Snapshot, name: string): Located<number> | null {
  const short = name.slice(name.lastIndexOf('.') + 1);
  const counter = snapshot.counters.get(name) ?? snapshot.counters.get(short);
  if (counter !== undefined) return counter;
  const sysctl = snapshot.sysctls.get(name);
  const first = /^\d+/.exec(sysctl?.value ?? '');
  return sysctl === undefined || first === null ? null : { ...sysctl, value: Number(first[0]) };
}

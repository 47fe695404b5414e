import type { Machine } from '../machine.ts';
import { isBound, skipsNat } from '../nat-point.ts';
import type { Series, SeriesPlace, Stand } from '../series.ts';
import { clear } from '../touched.ts';
import type { ChainEnd } from '../verdict.ts';
import { doRun } from './do-run.ts';
import { passTree } from './pass-tree.ts';
import { standAt } from './segment.ts';

/**
 * Does to the machine's packet what the base chains do that follow one another from where it stands, all at once. Returns how they ended; null: the
 * machine goes on, rule by rule, where it now stands.
 */
export function passSeries(machine: Machine): ChainEnd | null {
  if (machine.exploration.whole || machine.changedSets.length > 0) return null;
  const series = seriesBegunAt(machine);
  if (series !== null) {
    if (series.nat && (skipsNat(machine) || isBound(machine))) return leaveSeries(series, 'accept', machine);
    if (series.arrivals < machine.model.segments.after) {
      series.arrivals++;
      return null;
    }
    clear(machine.touched);
    standAt(series.beginning, machine);
  }
  for (let stand = standOf(machine); stand !== null; stand = standOf(machine)) {
    const found = machine.exploration.budget < 0 ? null : passTree(stand.tree, machine, stand);
    if (found === null) return null;
    const end = doRun(found, machine);
    if (end !== null) return leaveSeries(stand.series, end, machine);
  }
  return null;
}

function leaveSeries({ places }: Series, end: ChainEnd, machine: Machine): ChainEnd {
  machine.leaveChains();
  machine.group = (places.at(-1) as SeriesPlace).group;
  return end;
}

/** Null: the machine is at the beginning of none. */
function seriesBegunAt({ program, group, member, chain }: Machine): Series | null {
  return member === 0 && chain === null ? (program?.series[group] ?? null) : null;
}

/** Where it stands, if it has not gone on since. */
function standOf({ stand, chain, position, caller, group, member }: Machine): Stand | null {
  if (stand === null || stand.chain !== chain || stand.position !== position || stand.caller !== caller) return null;
  const place = stand.series.places[stand.at];
  return place?.group === group && place.member === member ? stand : null;
}

import type { Series, SeriesPlace } from '../hook-program.ts';
import type { Machine } from '../machine.ts';
import { isBound, skipsNat } from '../nat-point.ts';
import { clear } from '../touched.ts';
import type { ChainEnd } from '../verdict.ts';
import { passTree } from './pass-tree.ts';
import { doSegment } from './segment.ts';
import { SegmentTree } from './segment-tree.ts';

/**
 * Does to the machine's packet what the base chains do that follow one another from the group where it stands, all at once. Returns how they ended; null: the
 * machine goes on where it now stands.
 */
export function passSeries(machine: Machine): ChainEnd | null {
  const series = seriesAt(machine);
  if (series === null) return null;
  const last = series.places.at(-1) as SeriesPlace;
  if (series.nat && (skipsNat(machine) || isBound(machine))) {
    machine.group = last.group;
    return 'accept';
  }
  const { learnt } = series;
  if (!(learnt instanceof SegmentTree)) {
    series.learnt = learnt >= machine.model.segments.after ? new SegmentTree() : learnt + 1;
    return null;
  }
  machine.chain = (series.places[0] as SeriesPlace).base;
  machine.position = 0;
  machine.caller = null;
  clear(machine.touched);
  const found = passTree(learnt, machine, series);
  if (found === null) return null;
  const end = found.isFan ? 'accept' : doSegment(found, machine);
  if (end === null) return null;
  machine.chain = null;
  machine.group = last.group;
  return end;
}

/** Null: the machine does not stand at the beginning of one, or has to take the rules one by one. */
function seriesAt(machine: Machine): Series | null {
  const { program, exploration, group, member, chain, position, caller, changedSets } = machine;
  if (exploration.whole || member !== 0 || program === null || changedSets.length > 0) return null;
  const series = program.series[group];
  if (series == null) return null;
  const isAtStart = chain === null || (chain === series.places[0]?.base && position === 0 && caller === null);
  return isAtStart ? series : null;
}

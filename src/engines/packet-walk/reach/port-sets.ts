import type { ReachPorts } from '#facts/reach.ts';
import type { Model } from '../model.ts';
import { firstBits } from './bits.ts';
import type { Endpoint } from './endpoints.ts';
import { pairFates } from './pair-fates.ts';
import type { PairQuestion } from './question.ts';

const count = 65_536;

/** Each port of a destination, from one source: as many destinations, run through the rules together. */
export function portSets(model: Model, question: PairQuestion, { protocol, from, to }: Named): ReachPorts {
  const [destination] = question.destinations;
  const address = destination?.address;
  if (address === undefined) return { family: question.family, protocol, from: from.name, to: to.name, sets: [] };
  const destinations = Array.from({ length: count }, (_, port) => ({ address, port }));
  const { fates, of } = pairFates(model, { ...question, destinations, pairs: [{ x: firstBits(1), y: firstBits(count) }] });
  const sets = fates
    .map((fate, i): ReachPorts['sets'][number] => ({ ...fate, ports: rangesOf(of, i) }))
    .filter(({ ports }) => ports.length > 0);
  return { family: question.family, protocol, from: from.name, to: nameWithoutPort(to), sets };
}

export interface Named {
  readonly protocol: string;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

export const nameWithoutPort = ({ name }: Endpoint): string => (name.includes('/') ? name.replace(/:[a-z0-9-]+$/, '') : name);

function rangesOf(of: Int32Array, value: number): readonly { readonly first: number; readonly last: number }[] {
  const ranges: { readonly first: number; last: number }[] = [];
  for (let port = 0; port < of.length; port++) {
    if (of[port] !== value) continue;
    const open = ranges.at(-1);
    if (open !== undefined && open.last === port - 1) open.last = port;
    else ranges.push({ first: port, last: port });
  }
  return ranges;
}

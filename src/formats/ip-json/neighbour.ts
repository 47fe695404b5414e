import type { Place } from '#facts/evidence.ts';
import type { Neighbour } from '#facts/network.ts';
import { type JsonObject, textOf, textsOf } from '../json-fields.ts';
import { type Unreadable, unreadable } from './each-object.ts';
import { addressOf } from './family.ts';

export function readNeighbour(object: JsonObject, at: Place): Neighbour | Unreadable {
  const address = addressOf(object['dst']);
  const name = textOf(object['dev']);
  if (address === null || name === null) return unreadable('a neighbour with dst and dev');
  return { address, interface: name, mac: textOf(object['lladdr']), state: textsOf(object['state']), at };
}

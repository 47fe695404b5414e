import type { Place } from '#facts/evidence.ts';
import type { InterfaceAddress } from '#facts/network.ts';
import { type JsonObject, numberOf, objectsOf, textOf } from '../json-fields.ts';
import { type Unreadable, unreadable } from './each-object.ts';
import { addressOf } from './family.ts';

export function readAddressesOfLink(object: JsonObject, at: Place): readonly InterfaceAddress[] | Unreadable {
  const name = textOf(object['ifname']);
  if (name === null) return unreadable('an interface with ifname and addr_info');
  const results: InterfaceAddress[] = [];
  for (const info of objectsOf(object['addr_info'])) {
    const address = addressOf(info['local']);
    const bits = numberOf(info['prefixlen']);
    if (address === null || bits === null) {
      if (info['family'] !== 'inet' && info['family'] !== 'inet6') continue;
      return unreadable('local and prefixlen in addr_info');
    }
    results.push({
      interface: name,
      address,
      bits,
      scope: textOf(info['scope']) ?? 'global',
      broadcast: addressOf(info['broadcast']),
      peer: addressOf(info['address']),
      ...flagsOf(info),
      at,
    });
  }
  return results;
}

const flags = ['temporary', 'optimistic', 'deprecated', 'tentative'];

function flagsOf(info: JsonObject): Pick<InterfaceAddress, 'flags'> {
  const found = flags.filter((flag) => info[flag] === true);
  return found.length === 0 ? {} : { flags: found };
}

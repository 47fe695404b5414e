import { formatAddress } from '#facts/address.ts';
import type { PacketWalk, Probe } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';

interface Asked {
  readonly asIf: readonly string[];
  readonly without: readonly string[];
}

/** What a reader of the answer has to know: that it is of a node that is not there, or that a service is none here. */
export function walkNotes(walk: PacketWalk, probe: Probe, { asIf, without }: Asked, snapshot: Snapshot): readonly string[] {
  const untranslated = untranslatedService(walk, probe, snapshot);
  return [
    ...asIf.map((command) => `as if this had run: ${command}`),
    ...without.map((selector) => `without the rules of ${selector}`),
    ...(untranslated === null ? [] : [untranslated]),
  ];
}

/** A service's address that leaves the node as it came reaches no endpoint by this node. */
function untranslatedService({ request }: PacketWalk, { to }: Probe, { services }: Snapshot): string | null {
  if (request.out === null || request.out.interface === 'local' || services.kind === 'missing') return null;
  const key = to.words.join();
  const service = services.value.find(({ addresses }) => addresses.some((each) => each.words.join() === key));
  const address = formatAddress(to);
  const isAsCame = request.out.to === address || request.out.to.startsWith(`${address}:`) || request.out.to.startsWith(`[${address}]`);
  if (service === undefined || !isAsCame) return null;
  return `${address} is an address of service ${service.namespace}/${service.name}, and no rule translates it: it leaves by ${request.out.interface} as it is`;
}

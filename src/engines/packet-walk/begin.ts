import { formatAddress } from '#facts/address.ts';
import type { Probe } from '#facts/packet-walk.ts';
import type { Hook } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { type Exploration, Machine } from './machine.ts';
import type { Model } from './model.ts';
import { defaultZone, type Packet } from './packet.ts';
import { lost } from './way/leg.ts';
import { gap } from './way/notes.ts';
import { newConnection } from './way/reply.ts';

/** A machine at the beginning of the request's way: on the interface where it arrives, or at the node itself. */
export function beginRequest(model: Model, exploration: Exploration, probe: Probe): Machine {
  const machine = new Machine(model, exploration, requestOf(probe));
  const { routing } = model;
  const undecided = (because: string, hook: Hook = 'prerouting'): Machine => {
    lost(machine, gap(machine, hook, because));
    return machine;
  };
  const local = probe.inInterface === null ? routing.isLocal(probe.from) : false;
  if (local === null) return undecided(withoutRoutes(model.snapshot.routes));
  // nat rules are not looked at for a connection that exists; how its first packet was rewritten is not in a snapshot.
  if (probe.state === 'ESTABLISHED' || probe.state === 'RELATED') {
    if (model.hooks.hasNat(machine.packet.family))
      return undecided('how an established connection was rewritten by nat is not in the snapshot');
  }
  if (local) {
    machine.stage = 'output';
    return machine;
  }
  const inInterface = probe.inInterface ?? arrival(model, probe);
  if (inInterface === null)
    return undecided(`by which interface packets of ${formatAddress(probe.from)} arrive is not known: name it with --in-interface`);
  const unusable = unusableInterface(inInterface, model);
  if (unusable !== null) return undecided(unusable);
  machine.packet.inInterface = inInterface;
  machine.packet.fromSocket = false;
  machine.stage = 'arrival';
  return machine;
}

function withoutRoutes(routes: Snapshot['routes']): string {
  return `the node's routes are not in the snapshot: ${routes.source}${routes.kind === 'missing' ? `: ${routes.because}` : ''}`;
}

const echo: Readonly<Record<number, number>> = { 1: 8, 58: 128 };

function requestOf(probe: Probe): Packet {
  const source = { address: probe.from, port: probe.fromPort };
  const destination = { address: probe.to, port: probe.toPort };
  const type = echo[probe.protocol];
  return {
    family: probe.to.family,
    leg: 'request',
    direction: 'ORIGINAL',
    protocol: probe.protocol,
    icmp: probe.icmp ?? (type === undefined ? null : { type, code: 0 }),
    tcpFlags: probe.tcpFlags ?? (probe.protocol !== 6 ? 0 : probe.state === 'NEW' ? 0x02 : 0x10),
    source,
    destination,
    inInterface: '',
    outInterface: '',
    inPort: '',
    outPort: '',
    mark: probe.mark,
    tos: 0,
    ttl: probe.ttl ?? 64,
    untold: 0,
    length: probe.length ?? null,
    fragmentOffset: probe.fragment?.offset ?? 0,
    moreFragments: probe.fragment?.more ?? false,
    badChecksum: probe.badChecksum ?? false,
    macSource: null,
    macDestination: probe.toMac ?? null,
    packetType: 'host',
    fromSocket: true,
    tracked: 'INVALID',
    connection: newConnection(source, destination, probe.state === 'NEW' ? 0 : null),
    zone: defaultZone,
    isTemplated: false,
    isPastTracking: false,
    priority: 0,
  };
}

/** Packets of a bond's or a VRF's ports take ways that are not modelled. */
function unusableInterface(name: string, { routing, bridges }: Model): string | null {
  if (routing.links.kind === 'missing' || name === 'lo') return null;
  const link = routing.link(name);
  if (link === null) return `the node has no interface ${name}`;
  if (!link.up) return `interface ${name} is down`;
  return link.master === null || bridges.bridgeOf(name) !== null ? null : `${name} is a port of ${link.master}: not modelled`;
}

function arrival({ routing }: Model, { from, to }: Probe): string | null {
  const back = routing.lookup({ destination: from, source: to, inInterface: null, mark: 0 });
  return back.kind === 'route' && back.route.type === 'unicast' ? back.route.interface : null;
}

import { type Address, sameAddress } from '#facts/address.ts';
import type { Machine } from './machine.ts';
import type { Connection, End, Packet, Zone } from './packet.ts';
import type { Weight } from './weights.ts';

/** Comparing each with each pays for a few ways only. */
const maxCompared = 32;

/**
 * Adds a machine to those that wait between hooks. One that stands just as another does only adds its weight to it; one that differs by the
 * destination that nat chose becomes its sibling.
 */
export function join(machine: Machine, waiting: Machine[]): void {
  machine.isRouted = true;
  const { passed } = machine;
  if (passed !== null) {
    const withPassed = (weights: readonly Weight[]): readonly Weight[] => weights.map((weight) => ({ ...weight, passed }));
    machine.weights = withPassed(machine.weights);
    machine.siblings = machine.siblings.map(({ destination, weights }) => ({ destination, weights: withPassed(weights) }));
  }
  machine.passed = null;
  const alike = waiting.length > maxCompared ? undefined : waiting.find((other) => areAlike(machine, other));
  if (alike === undefined) {
    waiting.push(machine);
    return;
  }
  addTo(alike, machine.packet.destination, machine.weights);
  for (const { destination, weights } of machine.siblings) addTo(alike, destination, weights);
}

function addTo(way: Machine, destination: End, weights: readonly Weight[]): void {
  if (sameEnd(way.packet.destination, destination)) {
    way.weights = [...way.weights, ...weights];
    return;
  }
  const at = way.siblings.findIndex((each) => sameEnd(each.destination, destination));
  const known = way.siblings[at];
  way.setSiblings(
    known === undefined
      ? [...way.siblings, { destination, weights }]
      : way.siblings.with(at, { destination, weights: [...known.weights, ...weights] }),
  );
}

function areAlike(a: Machine, b: Machine): boolean {
  return (
    !a.isBoundToAnswers &&
    !b.isBoundToAnswers &&
    a.stage === b.stage &&
    a.routed === b.routed &&
    a.isForMany === b.isForMany &&
    a.frame === null &&
    b.frame === null &&
    a.gaps === b.gaps &&
    a.asked === b.asked &&
    a.conntrackIsOff === b.conntrackIsOff &&
    a.changedSets.join() === b.changedSets.join() &&
    sameGateway(a.gateway, b.gateway) &&
    sameButDestination(a.packet, b.packet) &&
    isWhereNatSent(a.packet) &&
    isWhereNatSent(b.packet)
  );
}

export const sameGateway = (a: Address | null, b: Address | null): boolean => a === b || (a !== null && b !== null && sameAddress(a, b));

/** The very object: whether nat has rewritten a connection is told by it. */
const isWhereNatSent = ({ destination, connection }: Packet): boolean => connection.translated.destination === destination;

/** Of two packets of one probe: all that rules may have changed. */
export function samePacket(a: Packet, b: Packet): boolean {
  return (
    sameEnd(a.destination, b.destination) &&
    sameEnd(a.connection.translated.destination, b.connection.translated.destination) &&
    sameButDestination(a, b)
  );
}

/** Whether all that go with the one go with the other, too. */
export function hasSiblingsOf(a: Machine, b: Machine): boolean {
  return a.siblings.every((own) => b.siblings.some((other) => sameEnd(own.destination, other.destination)));
}

function sameButDestination(a: Packet, b: Packet): boolean {
  return (
    sameEnd(a.source, b.source) &&
    a.mark === b.mark &&
    a.tos === b.tos &&
    a.ttl === b.ttl &&
    a.untold === b.untold &&
    a.priority === b.priority &&
    a.packetType === b.packetType &&
    a.tracked === b.tracked &&
    a.isTemplated === b.isTemplated &&
    sameZone(a.zone, b.zone) &&
    a.moreFragments === b.moreFragments &&
    a.fragmentOffset === b.fragmentOffset &&
    a.length === b.length &&
    a.direction === b.direction &&
    a.fromSocket === b.fromSocket &&
    a.outInterface === b.outInterface &&
    a.inPort === b.inPort &&
    a.outPort === b.outPort &&
    a.inInterface === b.inInterface &&
    sameConnection(a.connection, b.connection)
  );
}

function sameConnection(a: Connection, b: Connection): boolean {
  return (
    a === b ||
    (a.mark === b.mark &&
      sameZone(a.zone, b.zone) &&
      a.destinationBound === b.destinationBound &&
      a.sourceBound === b.sourceBound &&
      // Payload statements make the packet one of another connection.
      sameEnd(a.original.source, b.original.source) &&
      sameEnd(a.original.destination, b.original.destination) &&
      sameEnd(a.translated.source, b.translated.source))
  );
}

const sameZone = (a: Zone, b: Zone): boolean => a.original === b.original && a.reply === b.reply;

const sameEnd = (a: End, b: End): boolean => a === b || (a.port === b.port && sameAddress(a.address, b.address));

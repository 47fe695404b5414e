import { sameAddress } from '#facts/address.ts';
import type { Machine } from './machine.ts';
import type { Connection, End, Packet, Zone } from './packet.ts';

/** Comparing each with each pays for a few ways only. */
const maxCompared = 32;

/** Adds a machine to those that wait between hooks; one that stands just as another does only adds its weight to it. */
export function join(machine: Machine, waiting: Machine[]): void {
  machine.isRouted = true;
  const { passed } = machine;
  machine.weights = machine.weights.map((weight) => ({ ...weight, passed }));
  machine.passed = null;
  const alike = waiting.length > maxCompared ? undefined : waiting.find((other) => areAlike(machine, other));
  if (alike === undefined) waiting.push(machine);
  else alike.weights = [...alike.weights, ...machine.weights];
}

function areAlike(a: Machine, b: Machine): boolean {
  return (
    !a.isBoundToAnswers &&
    !b.isBoundToAnswers &&
    a.gaps === b.gaps &&
    a.asked === b.asked &&
    a.conntrackIsOff === b.conntrackIsOff &&
    a.changedSets.join() === b.changedSets.join() &&
    samePacket(a.packet, b.packet)
  );
}

/** Of two packets of one probe: all that rules may have changed. */
export function samePacket(a: Packet, b: Packet): boolean {
  return (
    sameEnd(a.destination, b.destination) &&
    sameEnd(a.source, b.source) &&
    a.mark === b.mark &&
    a.tos === b.tos &&
    a.ttl === b.ttl &&
    a.priority === b.priority &&
    a.packetType === b.packetType &&
    a.tracked === b.tracked &&
    a.isTemplated === b.isTemplated &&
    sameZone(a.zone, b.zone) &&
    a.moreFragments === b.moreFragments &&
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
      sameEnd(a.translated.source, b.translated.source) &&
      sameEnd(a.translated.destination, b.translated.destination))
  );
}

const sameZone = (a: Zone, b: Zone): boolean => a.original === b.original && a.reply === b.reply;

const sameEnd = (a: End, b: End): boolean => a === b || (a.port === b.port && sameAddress(a.address, b.address));

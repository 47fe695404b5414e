import type { Target } from '#facts/rule.ts';
import { shared } from '../common-op.ts';
import type { Machine } from '../machine.ts';
import { action, type Code, field, next, type Op, stop } from '../op.ts';
import { hasConnection, transportLength, unknownMark, type Zone } from '../packet.ts';
import { evenUnknown } from '../question.ts';
import { accept, drop, type RuleVerdict, reject, returned } from '../verdict.ts';
import { natOp } from './nat.ts';

/** What a rule does, as operations; [] for a rule without target and for targets that change nothing we model. */
export function targetOps(target: Target): readonly Op[] {
  switch (target.kind) {
    case 'accept':
      return [acceptOp];
    case 'drop':
      return [dropOp];
    case 'return':
      return [returnOp];
    case 'reject':
      return [rejectOp];
    case 'jump':
    case 'goto':
      return [verdictOp({ kind: target.kind, chain: target.chain })];
    case 'continue':
      return target.name === 'TCPMSS' ? [segmentSize] : [];
    case 'set-mark':
      return [shared(`mark ${target.value} ${target.mask}`, () => setMark(target.value, target.mask))];
    case 'set-connmark':
    case 'save-connmark':
    case 'restore-connmark':
      return [connectionMark(target)];
    case 'notrack':
      return [notrack];
    case 'set-zone':
      return [setZone(target.zone, target.direction)];
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
    case 'netmap':
      return [natOp(target)];
    case 'tproxy':
      return [tproxy(target)];
    case 'queue':
      return [queue()];
    case 'set-tos':
      return [
        action(field.tos, (machine) => {
          machine.packet.tos = (machine.packet.tos & ~target.mask & 0xff) ^ target.value;
          if ((target.mask & 0xff) === 0xff) machine.packet.untold &= ~field.tos;
          machine.wrote(field.tos);
        }),
      ];
    case 'set-ttl':
      return [setTtl(target)];
    case 'change-set':
      return [changeSet(target.sets)];
    case 'unmodelled':
      return [verdictOp({ kind: 'undecided', because: `target ${target.name} is not modelled: ${target.text}` })];
    default:
      return target satisfies never;
  }
}

function changeSet(names: readonly string[]): Op {
  return action(field.none, (machine) => {
    machine.changedSets = [...new Set([...machine.changedSets, ...names])];
    machine.wrote(field.sets);
  });
}

/**
 * A TCP header that is cut off has no options to clamp: the packet is dropped; one without the option gets it, and is longer then
 * (tcpmss_mangle_packet in xt_TCPMSS.c).
 */
const segmentSize: Op = {
  run: (machine) => {
    const length = transportLength(machine.packet);
    if (machine.packet.fragmentOffset > 0 || length === null) return next;
    if (length >= 20) {
      machine.packet.length = null;
      machine.wrote(field.length);
      return next;
    }
    machine.verdict = drop;
    return stop;
  },
  asks: false,
  reads: field.length,
  markReads: 0,
  writes: true,
};

export function verdictOp(verdict: RuleVerdict): Op {
  const run = (machine: Machine): Code => {
    machine.verdict = verdict;
    return stop;
  };
  return { run, asks: false, reads: field.none, markReads: 0, writes: false };
}

const acceptOp = verdictOp(accept);
const dropOp = verdictOp(drop);
const returnOp = verdictOp(returned);
const rejectOp = verdictOp(reject);

const marked = (mark: number, mask: number, value: number): number => ((mark & ~mask) ^ value) >>> 0;

/** The bits that change, or may: those of the mask, and those that `value` has beside it. */
export function setMark(value: number, mask: number): Op {
  const bits = (mask | value) >>> 0;
  // Bits of the value outside the mask are toggled: what they become depends on what they were.
  const toggled = (value & ~mask) >>> 0;
  return action(
    field.none,
    (machine) => {
      machine.packet.mark = marked(machine.packet.mark, mask, value);
      machine.wrote(field.none, bits);
    },
    { markReads: toggled },
  );
}

type ConnectionMark = Extract<Target, { readonly kind: 'set-connmark' | 'save-connmark' | 'restore-connmark' }>;

function connectionMark(target: ConnectionMark): Op {
  const run = (machine: Machine): Code => {
    const { packet } = machine;
    if (packet.isTemplated) {
      machine.verdict = { kind: 'undecided', because: 'CONNMARK on a template of CT' };
      return stop;
    }
    if (!hasConnection(packet)) return 0;
    const { mark } = packet.connection;
    if (mark === null) {
      if (target.kind !== 'restore-connmark') return 0;
      machine.verdict = { kind: 'undecided', because: unknownMark };
      return stop;
    }
    if (target.kind === 'restore-connmark') {
      packet.mark = marked(packet.mark, target.packetMask, mark & target.connectionMask);
      machine.wrote(field.none, (target.packetMask | target.connectionMask) >>> 0);
      return 0;
    }
    const changed =
      target.kind === 'set-connmark'
        ? marked(mark, target.mask, target.value)
        : marked(mark, target.connectionMask, packet.mark & target.packetMask);
    packet.connection = { ...packet.connection, mark: changed };
    machine.wrote(field.connectionMark);
    return 0;
  };
  const markReads = target.kind === 'save-connmark' ? target.packetMask : 0;
  return { run, asks: false, reads: field.connectionMark | field.tracking, markReads, writes: true };
}

/** Too late for a packet that has its connection, as one on its second way round by lo has (xt_ct_target in xt_CT.c). */
export const notrack: Op = action(field.tracking, (machine) => {
  if (hasConnection(machine.packet) || machine.packet.isTemplated) return;
  machine.packet.tracked = 'UNTRACKED';
  machine.wrote(field.tracking);
});

/** Only the first template counts, and none where there is a connection (xt_ct_target). */
export function attachTemplate(machine: Machine, zone: Zone): void {
  const { packet } = machine;
  if (hasConnection(packet) || packet.tracked === 'UNTRACKED' || packet.isTemplated) return;
  packet.isTemplated = true;
  packet.zone = zone;
  machine.wrote(field.tracking);
}

function setZone(zone: number, direction: 'original' | 'reply' | null): Op {
  const zones = zonesOf(zone, direction);
  return action(field.tracking, (machine) => attachTemplate(machine, zones));
}

export function zonesOf(zone: number, direction: 'original' | 'reply' | null): Zone {
  return { original: direction === 'reply' ? 0 : zone, reply: direction === 'original' ? 0 : zone };
}

function setTtl({ operation, value }: Extract<Target, { readonly kind: 'set-ttl' }>): Op {
  return action(field.ttl, (machine) => {
    const { ttl } = machine.packet;
    const changed = operation === 'set' ? value : operation === 'increment' ? ttl + value : ttl - value;
    machine.packet.ttl = Math.max(0, Math.min(255, changed));
    if (operation === 'set') machine.packet.untold &= ~field.ttl;
    machine.wrote(field.ttl);
  });
}

/**
 * Where a socket of the node takes such packets the packet is marked and accepted, and the base chain ends; without one it is dropped
 * (tproxy_tg4 in xt_TPROXY.c). Which sockets there are is not in a snapshot.
 */
function tproxy({ mark, mask }: Extract<Target, { readonly kind: 'tproxy' }>): Op {
  const run = (machine: Machine): Code => {
    if (machine.ask({ key: null, probabilities: evenUnknown, gap: null }) === 1) {
      machine.verdict = drop;
      return stop;
    }
    machine.packet.mark = marked(machine.packet.mark, mask, mark);
    machine.wrote(field.none, (mark | mask) >>> 0);
    machine.verdict = { kind: 'taken', effect: 'tproxy' };
    return stop;
  };
  return { run, asks: true, reads: field.tuple, markReads: 0, writes: true };
}

/**
 * A program that listens may send the packet on or drop it. Without one it is dropped, or with `bypass` sent on (nf_queue in net/netfilter/nf_queue.c): with
 * and without `bypass` both may happen.
 */
export function queue(): Op {
  const run = (machine: Machine): Code => {
    const goesOn = machine.ask({ key: null, probabilities: evenUnknown, gap: null }) === 0;
    machine.verdict = goesOn ? { kind: 'taken', effect: 'queue' } : drop;
    return stop;
  };
  return { run, asks: true, reads: field.none, markReads: 0, writes: false };
}

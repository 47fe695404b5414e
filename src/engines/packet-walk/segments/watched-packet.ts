import { copyPacket, type Packet } from '../packet.ts';
import { type Look, looks, type PacketLook } from './look.ts';
import type { Write } from './segment.ts';

/** What a run of rules looked at and wrote. */
export interface Watch {
  /** Tells of each first look at what the run itself has not written. */
  readonly onLook: (look: Look) => void;
  readonly seen: Set<Look>;
  readonly written: Set<Look>;
  /** It looked at addresses, ports or the connection, or asked something. */
  isOpen: boolean;
  /** It asked what only its own rule may ask. */
  isTold: boolean;
}

export function newWatch(onLook: Watch['onLook']): Watch {
  return { onLook, seen: new Set(), written: new Set(), isOpen: false, isTold: false };
}

/** What is looked at behind an address depends on it: the operation has to be run for each packet. */
export function sees({ onLook, seen, written, isOpen }: Watch, look: Look): void {
  if (isOpen || seen.has(look) || written.has(look)) return;
  seen.add(look);
  onLook(look);
}

/** A copy of a packet that tells its watch who looks at it. */
class WatchedPacket {
  readonly own: Packet;
  readonly watch: Watch;

  constructor(packet: Packet, watch: Watch) {
    this.own = copyPacket(packet);
    this.watch = watch;
  }
}

/** On the prototype, so that to the operations all watched packets are of one shape. */
for (const look of looks) if (look !== 'hook') Object.defineProperty(WatchedPacket.prototype, look, watchedField(look));
for (const end of ['source', 'destination', 'connection'] as const satisfies readonly Exclude<keyof Packet, PacketLook>[])
  Object.defineProperty(WatchedPacket.prototype, end, openField(end));

export function watchedPacket(packet: Packet, watch: Watch): Packet {
  return new WatchedPacket(packet, watch) as unknown as Packet;
}

/** What the run has written, with the values that it left. */
export function writesOf(packet: Packet): readonly Write[] {
  const { own, watch } = packet as unknown as WatchedPacket;
  return [...watch.written].map((name) => ({ name: name as PacketLook, value: own[name as PacketLook] }));
}

function watchedField(name: PacketLook): PropertyDescriptor & ThisType<WatchedPacket> {
  return {
    get(): unknown {
      sees(this.watch, name);
      return this.own[name];
    },
    set(value: unknown): void {
      this.watch.written.add(name);
      (this.own as { [K in PacketLook]: unknown })[name] = value;
    },
  };
}

function openField(name: Exclude<keyof Packet, PacketLook>): PropertyDescriptor & ThisType<WatchedPacket> {
  return {
    get(): unknown {
      this.watch.isOpen = true;
      return this.own[name];
    },
    set(): void {
      this.watch.isOpen = true;
    },
  };
}

import { copyPacket, type Packet } from '../packet.ts';
import { type Look, looks, type PacketLook } from './look.ts';
import type { Write } from './segment.ts';

/** What a run of rules looked at and wrote. */
export interface Watch {
  /** Tells of each first look at what the run itself has not written. */
  readonly onLook: (look: Look) => void;
  readonly seen: Set<Look>;
  readonly written: Set<PacketLook>;
  /** It looked at addresses, ports or the connection, or asked something. */
  isOpen: boolean;
  /** It looked at more than the packet's destination. */
  looksFurther: boolean;
  /** It asked what only its own rule may ask. */
  isTold: boolean;
}

export function newWatch(onLook: Watch['onLook']): Watch {
  return { onLook, seen: new Set(), written: new Set(), isOpen: false, looksFurther: false, isTold: false };
}

/** What is looked at behind an address depends on it: the operation has to be run for each packet. */
export function sees(watch: Watch, look: Look): void {
  const { onLook, seen, written, isOpen } = watch;
  if (look !== 'family') watch.looksFurther = true;
  if (isOpen || seen.has(look) || (look !== 'hook' && written.has(look))) return;
  seen.add(look);
  onLook(look);
}

/** A copy of a packet that tells its watch who looks at it. */
class WatchedPacket {
  readonly from: Packet;
  readonly own: Packet;
  readonly watch: Watch;

  constructor(packet: Packet, watch: Watch) {
    this.from = packet;
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

/** What the run has written, with the values that it left. What it has looked at, and left as it was in the end, is not written. */
export function writesOf(packet: Packet): readonly Write[] {
  const { from, own, watch } = packet as unknown as WatchedPacket;
  const writes: Write[] = [];
  for (const name of watch.written) if (!watch.seen.has(name) || own[name] !== from[name]) writes.push({ name, value: own[name] });
  return writes;
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
      if (name !== 'destination') this.watch.looksFurther = true;
      return this.own[name];
    },
    set(): void {
      this.watch.isOpen = true;
    },
  };
}

import { type Address, sameAddress } from '#facts/address.ts';
import type { BridgeEntry, Link, Neighbour } from '#facts/network.ts';
import type { Reading } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';

/** A port of a bridge that is not known. */
export const unknownPort = '?';

/** The bridges of the node: their ports, and who is behind which. */
export class Bridges {
  readonly #links: readonly Link[];
  /** By port: the bridge. */
  readonly #bridgeOf: ReadonlyMap<string, string>;
  readonly #bridges: ReadonlySet<string>;
  readonly #entries: Reading<readonly BridgeEntry[]> | undefined;
  readonly #neighbours: Reading<readonly Neighbour[]>;

  constructor({ links, bridgeEntries, neighbours }: Snapshot) {
    const all = links.kind === 'missing' ? [] : links.value;
    const bridges = new Set(all.filter(({ kind }) => kind === 'bridge').map(({ name }) => name));
    this.#links = all;
    this.#bridges = bridges;
    this.#bridgeOf = new Map(all.flatMap(({ name, master }) => (master !== null && bridges.has(master) ? [[name, master] as const] : [])));
    this.#entries = bridgeEntries;
    this.#neighbours = neighbours;
  }

  isBridge(name: string): boolean {
    return this.#bridges.has(name);
  }

  /** The bridge that an interface is a port of; null: of none. */
  bridgeOf(port: string): string | null {
    return this.#bridgeOf.get(port) ?? null;
  }

  /** Ports that frames can leave by. */
  portsOf(bridge: string): readonly string[] {
    return this.#links.filter(({ master, up, carrier }) => master === bridge && up && carrier).map(({ name }) => name);
  }

  /** Frames to it are for the node: an address of the bridge or of one of its ports (BR_FDB_LOCAL). */
  isOwn(bridge: string, mac: string): boolean {
    const own = (each: string | null): boolean => each?.toLowerCase() === mac.toLowerCase();
    const isLink = this.#links.some((link) => (link.name === bridge || link.master === bridge) && own(link.mac));
    return isLink || this.#entriesOf(bridge).some((entry) => entry.local && own(entry.mac));
  }

  /** Null: the frame is flooded to all ports, or would be for all that is known. */
  portOfMac(bridge: string, mac: string): string | null {
    const found = this.#entriesOf(bridge).filter((entry) => !entry.local && entry.mac.toLowerCase() === mac.toLowerCase());
    return new Set(found.map(({ port }) => port)).size === 1 ? (found[0]?.port ?? null) : null;
  }

  /** The port behind which a neighbour is; null: not known. */
  portOf(bridge: string, address: Address): string | null {
    const all = this.portsOf(bridge);
    if (all.length === 1) return all[0] ?? null;
    if (this.#neighbours.kind === 'missing') return null;
    const mac = this.#neighbours.value.find((each) => each.interface === bridge && sameAddress(each.address, address))?.mac ?? null;
    return mac === null ? null : this.portOfMac(bridge, mac);
  }

  #entriesOf(bridge: string): readonly BridgeEntry[] {
    return this.#entries?.kind === 'read' ? this.#entries.value.filter((entry) => entry.bridge === bridge) : [];
  }
}

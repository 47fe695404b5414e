import type { Snapshot } from '#facts/snapshot.ts';

/** Sysctls as numbers, read once. Null: not in the snapshot, or no number. */
export class Settings {
  readonly #snapshot: Snapshot;
  readonly #known = new Map<string, number | null>();
  readonly #own: Record<'ipv4' | 'ipv6', ByInterface> = { ipv4: new Map(), ipv6: new Map() };
  readonly #greater: Record<'ipv4' | 'ipv6', ByInterface> = { ipv4: new Map(), ipv6: new Map() };

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  at(name: string): number | null {
    let found = this.#known.get(name);
    if (found === undefined) {
      const text = this.#snapshot.sysctls.get(name)?.value.trim();
      found = text === undefined || !/^\d+$/.test(text) ? null : Number(text);
      this.#known.set(name, found);
    }
    return found;
  }

  /** Of one interface; null: not in the snapshot. */
  of(family: 'ipv4' | 'ipv6', inInterface: string, name: string): number | null {
    return remembered(this.#own[family], inInterface, name, () => this.at(`net.${family}.conf.${inInterface}.${name}`));
  }

  /** The greater of `all` and the interface's own (IN_DEV_MAXCONF). */
  greater(family: 'ipv4' | 'ipv6', inInterface: string, name: string): number | null {
    return remembered(this.#greater[family], inInterface, name, () => {
      const all = this.of(family, 'all', name);
      const own = this.of(family, inInterface, name);
      return all === null || own === null ? null : Math.max(all, own);
    });
  }
}

type ByInterface = Map<string, Map<string, number | null>>;

/** Two look-ups are faster than one by a name that has to be put together for each packet. */
function remembered(known: ByInterface, inInterface: string, name: string, read: () => number | null): number | null {
  let own = known.get(inInterface);
  if (own === undefined) {
    own = new Map();
    known.set(inInterface, own);
  }
  let found = own.get(name);
  if (found === undefined) {
    found = read();
    own.set(name, found);
  }
  return found;
}

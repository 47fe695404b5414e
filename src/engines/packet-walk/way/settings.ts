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
    const known = remembered(this.#own[family], inInterface);
    let found = known.get(name);
    if (found === undefined) {
      found = this.at(`net.${family}.conf.${inInterface}.${name}`);
      known.set(name, found);
    }
    return found;
  }

  /** The greater of `all` and the interface's own (IN_DEV_MAXCONF). */
  greater(family: 'ipv4' | 'ipv6', inInterface: string, name: string): number | null {
    const known = remembered(this.#greater[family], inInterface);
    let found = known.get(name);
    if (found === undefined) {
      const all = this.of(family, 'all', name);
      const own = this.of(family, inInterface, name);
      found = all === null || own === null ? null : Math.max(all, own);
      known.set(name, found);
    }
    return found;
  }
}

type ByInterface = Map<string, Map<string, number | null>>;

/** Two look-ups are faster than one by a name that has to be put together for each packet. */
function remembered(known: ByInterface, inInterface: string): Map<string, number | null> {
  let own = known.get(inInterface);
  if (own === undefined) {
    own = new Map();
    known.set(inInterface, own);
  }
  return own;
}

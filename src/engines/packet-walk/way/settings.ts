import type { Snapshot } from '#facts/snapshot.ts';

/** Sysctls as numbers, read once. Null: not in the snapshot, or no number. */
export class Settings {
  readonly #snapshot: Snapshot;
  readonly #known = new Map<string, number | null>();

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

  /** The greater of `all` and the interface's own (IN_DEV_MAXCONF). */
  greater(family: 'ipv4' | 'ipv6', inInterface: string, name: string): number | null {
    const key = `${inInterface} ${family} ${name}`;
    let found = this.#known.get(key);
    if (found === undefined) {
      const all = this.at(`net.${family}.conf.all.${name}`);
      const own = this.at(`net.${family}.conf.${inInterface}.${name}`);
      found = all === null || own === null ? null : Math.max(all, own);
      this.#known.set(key, found);
    }
    return found;
  }
}

import type { IpSet } from '#facts/ipset.ts';
import type { Reading } from '#facts/result.ts';
import type { Machine } from '../machine.ts';
import { evenUnknown } from '../question.ts';
import { drawnPort } from '../xt/told.ts';
import { type CompiledSet, compileSet } from './compiled-set.ts';
import { fitOf } from './fit.ts';
import { lookUp, type Search } from './look-up.ts';
import { type Direction, writePacket } from './packet-words.ts';
import { couldFit } from './strange-members.ts';

/** A string: why nobody can tell. */
export type SetAnswer = boolean | string;

export interface SetQuery {
  readonly directions: readonly Direction[];
  readonly returnNomatch: boolean;
  /** The match has conditions on a member's counters. */
  readonly looksAtCounters: boolean;
}

/** The ipsets of a snapshot; each is made ready at its first look-up. */
export class SetIndex {
  readonly #sets: Reading<ReadonlyMap<string, IpSet>>;
  readonly #compiled = new Map<IpSet, CompiledSet | string>();

  constructor(sets: Reading<ReadonlyMap<string, IpSet>>) {
    this.#sets = sets;
  }

  /** Whether the machine's packet is in the set of this name (ip_set_test in ip_set_core.c). It may ask. */
  contains(name: string, query: SetQuery, machine: Machine): SetAnswer {
    if (this.#sets.kind === 'missing') return `${this.#sets.source}: ${this.#sets.because}`;
    const set = this.#sets.value.get(name);
    if (set === undefined) return `ipset ${name} is not in ${this.#sets.source}`;
    if (machine.changedSets.includes(name)) return `ipset ${name} was changed by a rule before`;
    return set.type === 'list:set' ? this.#inList(set, query, machine) : this.#inSet(set, query, machine);
  }

  /** The first set of the list that has the packet. Counters of members of its sets are not looked at (list_set_ktest). */
  #inList(list: IpSet, query: SetQuery, machine: Machine): SetAnswer {
    if (query.directions.length < 1) return false;
    const inner = { ...query, looksAtCounters: false };
    const looks = query.looksAtCounters && / counters( |$)/.test(` ${list.options}`);
    const isThere = presence(list, / timeout /.test(` ${list.options}`), looks, machine);
    let open: string | null = null;
    for (const [index, { text }] of list.members.entries()) {
      const found = this.contains(text, inner, machine);
      if (typeof found === 'string') open = found;
      else if (found && isThere(index)) return true;
    }
    return open ?? false;
  }

  #inSet(set: IpSet, { directions, returnNomatch, looksAtCounters }: SetQuery, machine: Machine): SetAnswer {
    const compiled = this.#get(set);
    if (typeof compiled === 'string') return compiled;
    const { type, family } = compiled.layout;
    const { packet } = machine;
    if (directions.length < type.parts.length || (type.family !== 'any' && packet.family !== family)) return false;
    const written = writePacket(compiled, machine, directions, compiled.wanted);
    if (written === false) return false;
    if (set.members.length === 0) return false;
    if (written === drawnPort) return written;
    if (written !== true) return `ipset ${set.name}: ${written}`;
    const strange = compiled.strange.length === 0 ? undefined : compiled.strange.find((member) => couldFit(member, compiled));
    if (strange !== undefined) return `member '${strange.text}' of ipset ${set.name} is not modelled`;
    const looks = looksAtCounters && compiled.hasCounters;
    const isSimple = compiled.isPlain && !compiled.expires && !looks;
    const found = lookUp(
      compiled,
      isSimple ? first : { compare: fitOf(compiled, packet, directions), isThere: presence(set, compiled.expires, looks, machine) },
    );
    if (typeof found === 'string') return `ipset ${set.name}: ${found}`;
    if (found === -1) return false;
    // A nomatch member that was found is a no, unless the match wants those: then it is a yes, and others are a no.
    return !type.hasNomatch || (set.members[found] as IpSet['members'][number]).nomatch === returnNomatch;
  }

  #get(set: IpSet): CompiledSet | string {
    let found = this.#compiled.get(set);
    if (found === undefined) {
      found = compileSet(set);
      this.#compiled.set(set, found);
    }
    return found;
  }
}

const always = (): boolean => true;
/** A member whose tuple is the packet's is the one. */
const first: Search = { compare: () => 'fits', isThere: always };

/** Whether a member that was found counts: one that expires may be gone by now, and what its counters say is not in a snapshot. */
function presence(set: IpSet, expires: boolean, looksAtCounters: boolean, machine: Machine): (member: number) => boolean {
  if (!expires && !looksAtCounters) return always;
  return (index) => {
    const { text, expires: ends } = set.members[index] as IpSet['members'][number];
    const isThere = !ends || machine.ask({ key: `ipset ${set.name} ${text}`, probabilities: evenUnknown, gap: null }) === 0;
    return isThere && (!looksAtCounters || machine.ask({ key: null, probabilities: evenUnknown, gap: null }) === 0);
  };
}

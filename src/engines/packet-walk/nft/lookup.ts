import type { NftElement, NftExpression, NftSet } from '#facts/nft.ts';
import { isSince } from '../kernel-release.ts';
import type { Machine } from '../machine.ts';
import { type Code, fail, field, next, type Op, stop } from '../op.ts';
import { wordsOf } from './bytes.ts';
import { SetLookup } from './set-lookup.ts';
import { isTold, type Place, questionAbout } from './told.ts';
import { unknownOp } from './unmodelled.ts';
import { follow } from './verdict.ts';

type Lookup = Extract<NftExpression, { readonly kind: 'lookup' }>;

/** What a look-up comes to: an element, none, or a part of a set that nobody can see into. */
type Found = NftElement | null | 'unseen';

/** nft_lookup_eval in net/netfilter/nft_lookup.c. */
export function lookupOp(expression: Lookup, place: Place): Op {
  const set = place.context.table.sets.get(expression.set);
  if (set === undefined) return unknownOp(`set ${expression.set} is not in the snapshot`);
  const give = giver(expression, place);
  return {
    run: (machine) => give(search(expression, set, machine), machine),
    asks: true,
    reads: set.dynamic ? field.sets : field.none,
    markReads: 0,
    writes: false,
  };
}

function search({ from, set: name }: Lookup, set: NftSet, machine: Machine): Found {
  const { registers } = machine;
  const lookup = SetLookup.of(set);
  if (!registers.isKnown(from, set.keyLength)) return choose(lookup, from, machine);
  const element = lookup.find(registers, from);
  if (element === null) return mayHaveGrown(set, name, machine) && isTold(machine, null, name) ? 'unseen' : null;
  if (element.expires === null && !element.stateful && !machine.changedSets.includes(name)) return element;
  return isTold(machine, null, name) ? element : null;
}

/** Rules add elements to it as packets come, or a timer takes them away: what the set held at capture need not be what it holds. */
function mayHaveGrown(set: NftSet, name: string, machine: Machine): boolean {
  return (set.dynamic && set.map !== 'verdict') || machine.changedSets.includes(name);
}

/** With a key that is not all known each element that it may be is an answer, and so is none. */
function choose(lookup: SetLookup, from: number, machine: Machine): Found {
  const { set } = lookup;
  const because = machine.registers.reason(from, set.keyLength) ?? null;
  const candidates = lookup.candidates(machine.registers, from);
  const unseen = candidates === null || mayHaveGrown(set, set.name, machine) ? (['unseen'] as const) : [];
  const all: readonly Found[] = [null, ...distinct(candidates ?? [], set), ...unseen];
  if (all.length === 1) return null;
  const probabilities = all.map(() => null);
  const question = because === null ? { key: null, probabilities, gap: null } : questionAbout(machine, because, set.name, probabilities);
  return all[machine.ask(question)] ?? null;
}

/** Elements that lead somewhere else. */
function distinct(elements: readonly NftElement[], { map }: NftSet): readonly NftElement[] {
  const found = new Map<string, NftElement>();
  for (const element of elements) {
    const leads = map === 'verdict' ? JSON.stringify(element.verdict) : map === 'data' ? (element.data ?? []).join() : '';
    if (!found.has(leads)) found.set(leads, element);
  }
  return [...found.values()];
}

type Give = (found: Found, machine: Machine) => Code;

function giver(expression: Lookup, place: Place): Give {
  const catchallOf = catchall(expression, place);
  const { to, negated } = expression;
  const give = to === null ? (): Code => next : to === 'verdict' ? giveVerdict(place) : giveData(expression, to, place);
  return (found, machine) => {
    if (negated) return found === null && catchallOf(machine) === null ? next : without(catchallOf(machine), machine);
    const element = found ?? catchallOf(machine);
    return element === null ? fail : give(element, machine);
  };
}

/**
 * A negated look-up that finds something. A catch-all is as good as an element in Linux 6.18; older kernels asked for it only after the
 * negation, so that it made every such look-up hold.
 */
function without(catchall: NftElement | null, machine: Machine): Code {
  if (catchall === null || isSince(machine.model.snapshot.kernel, 6, 18) === true) return fail;
  return isTold(machine, 'a negated look-up in a set with a catch-all', 'catch-all') ? next : fail;
}

function catchall({ set: name }: Lookup, place: Place): (machine: Machine) => NftElement | null {
  const set = place.context.table.sets.get(name);
  if (set === undefined) return () => null;
  return (machine) => {
    const element = SetLookup.of(set).catchall;
    if (element === null || (element.expires === null && !element.stateful)) return element;
    return isTold(machine, null, name) ? element : null;
  };
}

type Seen = Exclude<Found, null>;

function giveVerdict({ context }: Place): (found: Seen, machine: Machine) => Code {
  return (found, machine) => {
    if (found !== 'unseen' && found.verdict !== null) return follow(found.verdict, machine);
    machine.verdict = { kind: 'undecided', because: `a verdict of a map is not known: ${context.text}` };
    return stop;
  };
}

function giveData({ set: name }: Lookup, to: number, { context }: Place): (found: Seen, machine: Machine) => Code {
  const length = context.table.sets.get(name)?.dataLength ?? 16;
  const words = new WeakMap<NftElement, Uint32Array>();
  return (found, { registers }) => {
    if (found === 'unseen' || found.data === null) {
      registers.setUnknown(to, length, `what map ${name} gives is not known`);
      return next;
    }
    let own = words.get(found);
    if (own === undefined) {
      own = wordsOf(found.data);
      words.set(found, own);
    }
    registers.setWords(to, own);
    return next;
  };
}

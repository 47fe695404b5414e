import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules, SetNames } from '../module.ts';
import { directionsOf, oldSetReference, type SetReference, setName, setReference, setText } from '../set-reference.ts';
import { nameOf, option, when } from '../words.ts';

/** IPSET_FLAG_* of revisions 3 and 4 (include/uapi/linux/netfilter/ipset/ip_set.h). */
const flag = { skipCounterUpdate: 8, skipSubcounterUpdate: 16, returnNomatch: 128 } as const;
const inSetFlags = { inverted: 1, returnNomatch: 128 } as const;

interface SetMatch {
  readonly reference: SetReference;
  readonly returnNomatch: boolean;
  /** Options that read or keep counters, as iptables prints them. */
  readonly counterWords: string;
}

const plain =
  (reference: (blob: Blob) => SetReference) =>
  (blob: Blob): SetMatch => {
    const found = reference(blob);
    return { reference: found, returnNomatch: (found.flags & inSetFlags.returnNomatch) !== 0, counterWords: '' };
  };

const comparisons = [null, 'eq', 'ne', 'lt', 'gt'];

function counterText(kind: 'packets' | 'bytes', op: number, value: bigint): string {
  if (op === 0) return '';
  const compare = nameOf(op, comparisons);
  return compare === 'ne' ? option(`--${kind}-eq`, value, true) : option(`--${kind}-${compare}`, value);
}

/** struct xt_set_info_match_v3 has the operation before the value, _v4 behind it. */
const withCounters =
  (opAt: 0 | 8) =>
  (blob: Blob): SetMatch => {
    const flags = blob.bits32(40, flag.skipCounterUpdate | flag.skipSubcounterUpdate | flag.returnNomatch);
    const counter = (kind: 'packets' | 'bytes', at: number): string => counterText(kind, blob.u8(at + opAt), blob.u64(at + 8 - opAt));
    return {
      reference: setReference(blob, 0),
      returnNomatch: (flags & flag.returnNomatch) !== 0,
      counterWords:
        ((flags & flag.skipCounterUpdate) !== 0 ? option('--update-counters', undefined, true) : '') +
        ((flags & flag.skipSubcounterUpdate) !== 0 ? option('--update-subcounters', undefined, true) : '') +
        counter('packets', 8) +
        counter('bytes', 24),
    };
  };

function wordsOf({ reference, returnNomatch, counterWords }: SetMatch, setNames: SetNames): string {
  const set = option('--match-set', setText(reference, setNames), (reference.flags & inSetFlags.inverted) !== 0);
  return set + when(returnNomatch, '--return-nomatch') + counterWords;
}

const set = (size: number, read: (blob: Blob) => SetMatch): MatchModule => ({
  size,
  matches(blob, context) {
    const { reference, returnNomatch, counterWords } = read(blob);
    if (!returnNomatch && (reference.flags & inSetFlags.returnNomatch) !== 0) throw new UnreadableValue(`flags '${reference.flags}'`);
    const negated = (reference.flags & inSetFlags.inverted) !== 0;
    const name = setName(reference, context);
    return [{ kind: 'set', name, directions: directionsOf(reference), returnNomatch, counterOptions: counterWords.trim(), negated }];
  },
  words: (blob, { setNames }) => wordsOf(read(blob), setNames),
});

export const setModules: Modules<MatchModule> = {
  'set/0': set(
    32,
    plain((blob) => oldSetReference(blob, 0)),
  ),
  'set/1': set(
    4,
    plain((blob) => setReference(blob, 0)),
  ),
  'set/2': set(
    4,
    plain((blob) => setReference(blob, 0)),
  ),
  'set/3': set(48, withCounters(0)),
  'set/4': set(48, withCounters(8)),
};

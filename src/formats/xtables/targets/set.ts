import type { Blob } from '../blob.ts';
import type { Modules, SetNames, TargetModule } from '../module.ts';
import { directionsOf, oldSetReference, type SetReference, setName, setReference, setText } from '../set-reference.ts';
import { option, when } from '../words.ts';

/** IPSET_INVALID_ID: the rule names no set here. */
const noSet = 0xffff;

/** IPSET_FLAG_EXIST and IPSET_FLAG_MAP_SKB*. */
const flag = { exist: 1, mapMark: 0x100, mapPriority: 0x200, mapQueue: 0x400 } as const;

interface SetTarget {
  readonly add: SetReference;
  readonly remove: SetReference;
  readonly map: SetReference | null;
  readonly flags: number;
  readonly timeout: number;
}

/** Elements that live for ever, and revisions that have no time-out. */
const noTimeout = 0xffffffff;

const old = (blob: Blob): SetTarget => ({
  add: oldSetReference(blob, 0),
  remove: oldSetReference(blob, 32),
  map: null,
  flags: 0,
  timeout: noTimeout,
});

const plain = (blob: Blob): SetTarget => ({
  add: setReference(blob, 0),
  remove: setReference(blob, 4),
  map: null,
  flags: 0,
  timeout: noTimeout,
});

/** struct xt_set_info_target_v2, _v3. */
const timed =
  (mapAt: number | null) =>
  (blob: Blob): SetTarget => ({
    ...plain(blob),
    map: mapAt === null ? null : setReference(blob, mapAt),
    flags: blob.u32(mapAt === null ? 8 : 12),
    timeout: blob.u32(mapAt === null ? 12 : 16),
  });

function wordsOf({ add, remove, map, flags, timeout }: SetTarget, setNames: SetNames): string {
  const given = (name: string, reference: SetReference | null): string =>
    reference === null || reference.index === noSet ? '' : option(name, setText(reference, setNames));
  return [
    given('--add-set', add),
    when(add.index !== noSet && (flags & flag.exist) !== 0, '--exist'),
    when(add.index !== noSet && timeout !== noTimeout, '--timeout', timeout),
    given('--del-set', remove),
    given('--map-set', map),
    when((flags & flag.mapMark) !== 0, '--map-mark'),
    when((flags & flag.mapPriority) !== 0, '--map-prio'),
    when((flags & flag.mapQueue) !== 0, '--map-queue'),
  ].join('');
}

function changeSet(size: number, read: (blob: Blob) => SetTarget): TargetModule {
  return {
    size,
    target(blob, context, text) {
      const { add, remove, map } = read(blob);
      // A mapping writes the packet's mark from the set, which the facts have no word for.
      if (map !== null && map.index !== noSet) return { kind: 'unmodelled', name: 'SET', text: text() };
      const sets = [add, remove].filter(({ index }) => index !== noSet);
      for (const reference of sets) directionsOf(reference);
      return { kind: 'change-set', sets: sets.map((reference) => setName(reference, context)), text: text() };
    },
    words: (blob, { setNames }) => wordsOf(read(blob), setNames),
  };
}

export const setTargets: Modules<TargetModule> = {
  'SET/0': changeSet(64, old),
  'SET/1': changeSet(8, plain),
  'SET/2': changeSet(16, timed(null)),
  'SET/3': changeSet(20, timed(8)),
};

import type { Family } from '#facts/address.ts';
import { missing, read } from '#facts/result.ts';
import type { Backend, Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';

/** The node as if one of the backends had no tables at all: neither rules nor policies. */
export function withoutBackend(snapshot: Snapshot, backend: Backend): Snapshot {
  const none = (family: Family) => read<Ruleset>({ backend, family, source: 'left out', tables: new Map(), unreadable: [] }, 'left out');
  const empty = { ip: none('ip'), ip6: none('ip6') };
  const { rulesets, kernelRules } = snapshot;
  const left = missing('left out', 'left out');
  const changed: Partial<Snapshot> =
    backend === 'legacy'
      ? { rulesets: { ...rulesets, legacy: empty }, kernelRules: { ...kernelRules, legacy: empty } }
      : {
          rulesets: { ...rulesets, nft: empty },
          kernelRules: { ...kernelRules, nft: left },
          nftListing: left,
          nativeChains: read([], 'left out'),
        };
  // Parts of a snapshot are read when they are asked for: the changed copy must not ask for all the others.
  const parts = { ...Object.getOwnPropertyDescriptors(snapshot) } as PropertyDescriptorMap;
  for (const [name, value] of Object.entries(changed)) parts[name] = { value, enumerable: true };
  return Object.defineProperties({}, parts) as Snapshot;
}

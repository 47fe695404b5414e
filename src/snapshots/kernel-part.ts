import type { Family } from '#facts/address.ts';
import type { NftRuleset } from '#facts/nft.ts';
import { type Reading, read } from '#facts/result.ts';
import type { Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { readNftables } from '#formats/netlink/nftables.ts';
import { readLegacyTables, readSetNames, type SetNames } from '#formats/xtables/index.ts';
import { lazy, lazyReading } from './lazy.ts';
import { isProven, type Parts } from './parts.ts';
import { readingOf } from './rules-part.ts';
import { bytesOf } from './text.ts';

type KernelRules = Snapshot['kernelRules'];

/** What the kernel said of its own rules, from the raw messages of `netlink/`; each is read when it is first asked for. */
export function readKernelRules(parts: Parts): KernelRules {
  const setNames = lazy(() => readNames(parts));
  const ip = lazyReading('netlink/legacy-ip', () => readLegacy(parts, 'ip', setNames()));
  const ip6 = lazyReading('netlink/legacy-ip6', () => readLegacy(parts, 'ip6', setNames()));
  const nft = lazyReading('netlink/nftables', () => readNft(parts, setNames()));
  return {
    legacy: {
      get ip() {
        return ip();
      },
      get ip6() {
        return ip6();
      },
    },
    get nft() {
      return nft();
    },
  };
}

function readLegacy(parts: Parts, family: Family, setNames: SetNames): Reading<Ruleset> {
  const path = `netlink/legacy-${family}`;
  if (parts.files.has(path)) return readingOf(readLegacyTables(bytesOf(parts.files, path), { family, source: path, setNames }), path);
  if (!isProven(parts, path)) return parts.lacks(path);
  // An absent or empty ip_tables_names shows that there are no tables (net/netfilter/x_tables.c, xt_table_seq_ops).
  const names = `proc/net/${family}_tables_names`;
  return read({ backend: 'legacy', family, source: names, tables: new Map(), unreadable: [] }, names);
}

function readNft(parts: Parts, setNames: SetNames): Reading<NftRuleset> {
  const path = 'netlink/nftables';
  if (parts.files.has(path)) return readingOf(readNftables(bytesOf(parts.files, path), path, setNames), path);
  if (!isProven(parts, path)) return parts.lacks(path);
  return read({ source: path, origin: 'kernel', littleEndian: true, generation: null, tables: [], unreadable: [] }, path);
}

/** Rules of x_tables name ipsets by number. Without a name for it, a rule that looks into a set is not decided. */
function readNames(parts: Parts): SetNames {
  const path = 'netlink/ipset';
  const names = parts.files.has(path) ? readSetNames(bytesOf(parts.files, path), path) : null;
  return names?.ok === true ? names.value : new Map();
}

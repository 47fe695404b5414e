import type { Family } from '#facts/address.ts';
import type { IpSet } from '#facts/ipset.ts';
import { describeProblem, missing, type Reading, type Result, read } from '#facts/result.ts';
import type { Backend, Ruleset } from '#facts/rule.ts';
import type { NativeChain } from '#facts/snapshot.ts';
import { readIpsetSave } from '#formats/ipset-save.ts';
import { readIptablesSave } from '#formats/iptables-save.ts';
import { readNativeChains } from '#formats/nft-json.ts';
import type { Parts } from './parts.ts';
import { withAgreement } from './rules-agreement.ts';
import { textOf } from './text.ts';

/** A result as a reading: its problem becomes the reason why it is missing. */
export function readingOf<T>(result: Result<T>, source: string): Reading<T> {
  return result.ok ? read(result.value, source) : missing(source, describeProblem(result.problem));
}

export function readRules(parts: Parts, backend: Backend, family: Family): Reading<Ruleset> {
  const name = `${family === 'ip' ? 'iptables' : 'ip6tables'}-${backend}-save`;
  const path = parts.find(`netfilter/${name}`, name);
  if (path !== null)
    return withAgreement(parts, readingOf(readIptablesSave(parts.files.chunks(path), { backend, family, source: path }), path));
  const proof = parts.manifest.proven.find((each) => each.path === `netfilter/${name}`);
  if (proof === undefined) return parts.lacks(`netfilter/${name}`);
  // An absent or empty ip_tables_names shows that there are no tables (net/netfilter/x_tables.c, xt_table_seq_ops).
  const names = `proc/net/${family === 'ip' ? 'ip_tables_names' : 'ip6_tables_names'}`;
  return read({ backend, family, source: names, tables: new Map(), unreadable: [] }, names);
}

export function readSets(parts: Parts): Reading<ReadonlyMap<string, IpSet>> {
  const path = parts.find('netfilter/ipset-save', 'ipset-save');
  return path === null ? parts.lacks('netfilter/ipset-save') : readingOf(readIpsetSave(parts.files.chunks(path), path), path);
}

export function readNative(parts: Parts): Reading<readonly NativeChain[]> {
  const path = parts.find('netfilter/nft-ruleset.json', 'nft-ruleset.json');
  return path === null ? parts.lacks('netfilter/nft-ruleset.json') : readingOf(readNativeChains(textOf(parts.files, path), path), path);
}

/** `iptables v1.8.9 (nf_tables)`. Before 1.8 there was only legacy, and no word in brackets. */
export function readIptablesCommand(parts: Parts): Reading<Backend> {
  const path = parts.find('netfilter/iptables-version');
  if (path === null) return parts.lacks('netfilter/iptables-version');
  const text = textOf(parts.files, path);
  if (text.includes('(nf_tables)')) return read('nft', path);
  if (text.includes('(legacy)') || /^iptables v1\.[0-7]\./.test(text)) return read('legacy', path);
  return missing(path, 'iptables -V names no backend');
}

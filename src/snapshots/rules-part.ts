import type { Family } from '#facts/address.ts';
import type { IpSet } from '#facts/ipset.ts';
import { describeProblem, missing, type Reading, type Result, read } from '#facts/result.ts';
import type { Backend, Ruleset } from '#facts/rule.ts';
import type { NativeChain, Snapshot } from '#facts/snapshot.ts';
import { readIpsetSave } from '#formats/ipset-save.ts';
import { readIptablesSave } from '#formats/iptables-save.ts';
import { readIpsets } from '#formats/netlink/ipset.ts';
import { nativeChainsOf } from '#formats/netlink/native-chains.ts';
import { asRuleset } from '#formats/netlink/nftables/iptables/ruleset.ts';
import { readNativeChains } from '#formats/nft-json.ts';
import { shown } from '#formats/shown.ts';
import { isProven, type Parts } from './parts.ts';
import { withAgreement } from './rules-agreement.ts';
import { bytesOf, textOf } from './text.ts';

/** A result as a reading: its problem becomes the reason why it is missing. */
export function readingOf<T>(result: Result<T>, source: string): Reading<T> {
  return result.ok ? read(result.value, source) : missing(source, describeProblem(result.problem));
}

/** As the save tool printed them, which is what other tools see; where it did not run, as the kernel told them. */
export function readRules(parts: Parts, { backend, family }: { backend: Backend; family: Family }, kernel: KernelRules): Reading<Ruleset> {
  const name = `${family === 'ip' ? 'iptables' : 'ip6tables'}-${backend}-save`;
  const path = parts.find(`netfilter/${name}`, name);
  if (path !== null)
    return withAgreement(parts, readingOf(readIptablesSave(parts.files.chunks(path), { backend, family, source: path }), path));
  if (!isProven(parts, `netfilter/${name}`)) return fromKernel(kernel(), { backend, family }) ?? parts.lacks(`netfilter/${name}`);
  if (backend === 'nft')
    return read({ backend, family, source: 'netlink/nftables', tables: new Map(), unreadable: [] }, 'netlink/nftables');
  // An absent or empty ip_tables_names shows that there are no tables (net/netfilter/x_tables.c, xt_table_seq_ops).
  const names = `proc/net/${family}_tables_names`;
  return read({ backend, family, source: names, tables: new Map(), unreadable: [] }, names);
}

type KernelRules = () => Snapshot['kernelRules'];

/** Null where the kernel was not asked, so that the reason is that of the tool. */
function fromKernel(rules: Snapshot['kernelRules'], { backend, family }: { backend: Backend; family: Family }): Reading<Ruleset> | null {
  if (backend === 'legacy') return rules.legacy[family].kind === 'read' ? rules.legacy[family] : null;
  return rules.nft.kind === 'read' ? read(asRuleset(rules.nft.value, family), rules.nft.source) : null;
}

/** The kernel's own messages first: a name with a space is no line of `ipset save`. */
export function readSets(parts: Parts): Reading<ReadonlyMap<string, IpSet>> {
  const raw = 'netlink/ipset';
  if (parts.files.has(raw)) return readingOf(readIpsets(bytesOf(parts.files, raw), raw), raw);
  const path = parts.find('netfilter/ipset-save', 'ipset-save');
  if (path !== null) return readingOf(readIpsetSave(parts.files.chunks(path), path), path);
  return isProven(parts, raw) ? read(new Map(), raw) : parts.lacks('netfilter/ipset-save');
}

/** From nft's listing, or from the kernel where nft did not run. */
export function readNative(parts: Parts, kernel: KernelRules): Reading<readonly NativeChain[]> {
  const path = parts.find('netfilter/nft-ruleset.json', 'nft-ruleset.json');
  if (path !== null) return readingOf(readNativeChains(textOf(parts.files, path), path), path);
  const { nft } = kernel();
  return nft.kind === 'read' ? read(nativeChainsOf(nft.value), nft.source) : parts.lacks('netfilter/nft-ruleset.json');
}

/** By the word that `iptables -V` has in brackets, or by the name that the command's link leads to. */
export function readIptablesCommand(parts: Parts): Reading<Backend> {
  const path = parts.find('netfilter/iptables-version');
  return path === null ? readIptablesLink(parts) : backendOfVersion(textOf(parts.files, path), path);
}

/** `xtables-nft-multi`, `xtables-legacy-multi`, or `iptables-nft` and `iptables-legacy` on the way there. */
function readIptablesLink(parts: Parts): Reading<Backend> {
  const path = parts.find('netfilter/iptables-links');
  if (path === null) return parts.lacks('netfilter/iptables-version');
  const last = textOf(parts.files, path).trim().split('\n').at(-1) ?? '';
  const backend = /\/(?:xtables|iptables)-(nft|legacy)(?:-multi)?$/.exec(last)?.[1];
  return backend === 'nft' || backend === 'legacy' ? read(backend, path) : missing(path, `the link of iptables leads to ${shown(last)}`);
}

/** `iptables v1.8.9 (nf_tables)`. Before 1.8 there was only legacy, and no word in brackets. */
function backendOfVersion(text: string, path: string): Reading<Backend> {
  if (text.includes('(nf_tables)')) return read('nft', path);
  if (text.includes('(legacy)') || /^iptables v1\.[0-7]\./.test(text)) return read('legacy', path);
  return missing(path, 'iptables -V names no backend');
}

import { base } from './packets.ts';
import type { Judged } from './run-scene.ts';
import type { RulesFile, Scene, ScenePacket } from './scene.ts';

/** A save file of one table from `chain rule` lines; user chains are declared as they occur. */
export function table(name: string, rules: readonly string[], policies: Readonly<Record<string, string>> = {}): string {
  const hooks = {
    filter: ['INPUT', 'FORWARD', 'OUTPUT'],
    nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
    raw: ['PREROUTING', 'OUTPUT'],
  };
  const bases = Object.hasOwn(hooks, name)
    ? hooks[name as keyof typeof hooks]
    : ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];
  const own = [...new Set(rules.map((rule) => rule.split(' ')[0] as string))].filter((chain) => !bases.includes(chain));
  const heads = [...bases.map((chain) => `:${chain} ${policies[chain] ?? 'ACCEPT'} [0:0]`), ...own.map((chain) => `:${chain} - [0:0]`)];
  return [`*${name}`, ...heads, ...rules.map((rule) => `-A ${rule}`), 'COMMIT', ''].join('\n');
}

export interface Trap {
  readonly title: string;
  /** Not for Debian's 6.1, the second kernel. */
  readonly onlyHere?: true;
  readonly legacy?: string;
  readonly nft?: string;
  /** Input of `nft -f`, behind the rules of iptables-nft. */
  readonly native?: string;
  readonly setup?: readonly string[];
  readonly nftFirst?: boolean;
  readonly packets: readonly (Partial<ScenePacket> & { readonly expect: readonly [request: string, reply?: string] })[];
}

export function sceneOf({ legacy, nft, native, setup, nftFirst, packets }: Trap): Scene {
  const rules: Partial<Record<RulesFile, string>> = { ...(legacy && { 'iptables-legacy': legacy }), ...(nft && { 'iptables-nft': nft }) };
  return {
    setup: ['ip route add 10.96.0.0/16 dev tunB', ...(setup ?? [])].filter((each, i, all) => all.indexOf(each) === i),
    rules,
    nftFirst: nftFirst ?? false,
    ...(native !== undefined && { native }),
    packets: packets.map(({ expect: _, ...packet }, i) => ({ ...base, ...packet, fromPort: 20_000 + i })),
  };
}

export const verdicts = ({ walk }: Judged, count: number): readonly string[] =>
  count === 1 ? [walk.request.verdict] : [walk.request.verdict, walk.reply?.verdict ?? 'none'];

import type { Evidence } from '#facts/evidence.ts';
import type { Chain, Match, Rule, Ruleset } from '#facts/rule.ts';
import { citeRule } from './cite-rule.ts';

/** What Calico's dispatch chains of one ruleset hold. Structure as Calico v3.8 to v3.32 writes it into the filter table. */
export interface Dispatch {
  /** Workload interfaces in `cali-from-wl-dispatch` and its children, sorted. */
  readonly from: readonly string[];
  /** The same of `cali-to-wl-dispatch`. */
  readonly to: readonly string[];
  /** Names that begin with one of these are workloads: `cali`, unless Felix is configured otherwise. */
  readonly prefixes: readonly string[];
  /** The last rule of `cali-from-wl-dispatch` where it drops what no rule before it knows. */
  readonly unknownInterfaceDrop: Evidence | null;
}

const fromRoot = 'cali-from-wl-dispatch';
const toRoot = 'cali-to-wl-dispatch';

/** Null where the ruleset has no dispatch chain. */
export function readDispatch(ruleset: Ruleset): Dispatch | null {
  const chains = ruleset.tables.get('filter')?.chains;
  const root = chains?.get(fromRoot);
  if (chains === undefined || root === undefined) return null;
  return {
    from: interfacesUnder(chains, fromRoot, 'in-interface'),
    to: interfacesUnder(chains, toRoot, 'out-interface'),
    prefixes: workloadPrefixes(chains.get('cali-INPUT')),
    unknownInterfaceDrop: finalDrop(ruleset, [...chains.values()].filter(isDispatch), root),
  };
}

/** Known in both directions. */
export function knownInterfaces(dispatch: Dispatch): readonly string[] {
  const to = new Set(dispatch.to);
  return dispatch.from.filter((name) => to.has(name));
}

/** Interfaces named by the root and the chains that it leads to; wildcard rules only lead on. */
function interfacesUnder(chains: ReadonlyMap<string, Chain>, root: string, kind: 'in-interface' | 'out-interface'): readonly string[] {
  const names = new Set<string>();
  const pending = [root];
  for (const name of pending) {
    for (const rule of chains.get(name)?.rules ?? []) {
      const exact = interfaceOf(rule, kind);
      if (exact !== null && !exact.wildcard) names.add(exact.name);
      const next = targetChain(rule);
      if (next?.startsWith(`${root}-`) && !pending.includes(next)) pending.push(next);
    }
  }
  return [...names].sort();
}

type InterfaceMatch = Extract<Match, { kind: 'in-interface' | 'out-interface' }>;

function interfaceOf(rule: Rule, kind: InterfaceMatch['kind']): InterfaceMatch | null {
  const match = rule.matches.find((each): each is InterfaceMatch => each.kind === kind);
  return match === undefined || match.negated ? null : match;
}

function targetChain(rule: Rule): string | null {
  return rule.target.kind === 'jump' || rule.target.kind === 'goto' ? rule.target.chain : null;
}

/** `cali-INPUT` sends `-i PREFIX+` to `cali-wl-to-host`: there the configured prefixes stand. */
function workloadPrefixes(input: Chain | undefined): readonly string[] {
  const found: string[] = [];
  for (const rule of input?.rules ?? []) {
    const match = interfaceOf(rule, 'in-interface');
    if (match?.wildcard && targetChain(rule) === 'cali-wl-to-host') found.push(match.name.replace(/\+$/, ''));
  }
  return found.length > 0 ? found : ['cali'];
}

const isDispatch = ({ name }: Chain): boolean => /^cali-(from|to)-wl-dispatch(-|$)/.test(name);

/** The one of the root and its children whose last rule dropped most, with what all of them dropped: a name that begins as a known one ends in a child. */
function finalDrop(ruleset: Ruleset, chains: readonly Chain[], root: Chain): Evidence | null {
  if (root.rules.at(-1)?.target.kind !== 'drop') return null;
  const drops = [root, ...chains.filter((chain) => chain !== root)].flatMap((chain) => {
    const rule = chain.rules.at(-1);
    return rule?.target.kind === 'drop' ? [{ chain, rule, packets: rule.packets ?? 0 }] : [];
  });
  const most = drops.reduce((best, each) => (each.packets > best.packets ? each : best));
  const total = drops.reduce((sum, { packets }) => sum + packets, 0);
  const packets = most.rule.packets === null ? '' : `, ${total} packets so far`;
  return citeRule(ruleset, most.chain, most.rule, `drops what comes from an interface that no rule above names${packets}`);
}

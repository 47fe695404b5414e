import { ok, type Result } from '#facts/result.ts';
import type { NativeChain } from '#facts/snapshot.ts';
import { isObject, type JsonObject, objectOf, objectsOf } from './json-fields.ts';
import { parseJson } from './json-text.ts';
import { eachElement } from './nft-json/elements.ts';
import { isInert, isWrittenByIptables, jumpTargets } from './nft-json/expressions.ts';
import { isIptablesChain, isIptablesTable } from './nft-json/iptables-chains.ts';

/**
 * The base chains and flowtables of `nft -j list ruleset` (nft 1.0.6) whose work iptables-nft-save does not show: native ones, and those of iptables that
 * reach rules which iptables did not write. iptables-nft-save prints such rules wrongly, or not at all, without a word: they
 * count here, and make their chain not inert.
 */
export function readNativeChains(text: string, source: string): Result<readonly NativeChain[]> {
  const listed = summaryOf(text, source);
  if (!listed.ok) return listed;
  const { chains, flowtables, rules } = listed.value;
  const beside = chains.filter((chain) => chain['hook'] !== undefined).flatMap((chain) => chainBesideIptables(chain, rules) ?? []);
  return ok([...beside, ...flowtables.map(flowtableAsChain)]);
}

/** A flowtable takes the packets of its flows past all IP hooks, from the ingress of its devices on. */
function flowtableAsChain(flowtable: JsonObject): NativeChain {
  return nativeChain({ ...flowtable, name: `flowtable ${flowtable['name']}`, hook: 'ingress', type: 'flowtable' }, 0, false);
}

/** A chain that iptables-nft-save must print too. */
export interface ListedChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** Null for chains that no hook calls. */
  readonly policy: string | null;
  readonly ruleCount: number;
  /** Rules that iptables did not write: iptables-nft-save may leave them out. */
  readonly foreignCount: number;
}

/** The chains of iptables' own tables, to hold an iptables-nft-save against. */
export function readListedChains(text: string, source: string): Result<readonly ListedChain[]> {
  const listed = summaryOf(text, source);
  if (!listed.ok) return listed;
  const { chains, rules } = listed.value;
  return ok(
    chains
      .filter((chain) => isIptablesChain(chain) || (chain['hook'] === undefined && isIptablesTable(chain)))
      .map((chain) => {
        const own = rules.get(keyOf(chain, String(chain['name']))) ?? [];
        return {
          family: String(chain['family']),
          table: String(chain['table']),
          chain: String(chain['name']),
          policy: chain['hook'] === undefined ? null : policyOf(chain),
          ruleCount: own.length,
          foreignCount: own.filter((rule) => !rule.ofIptables).length,
        };
      }),
  );
}

/** What is kept of a rule: a listing of 100,000 rules is read without ever being one tree in memory. */
interface RuleSummary {
  readonly ofIptables: boolean;
  readonly inert: boolean;
  readonly targets: readonly string[];
}

type RulesByChain = ReadonlyMap<string, readonly RuleSummary[]>;

interface Summary {
  readonly chains: readonly JsonObject[];
  readonly flowtables: readonly JsonObject[];
  readonly rules: RulesByChain;
}

function summaryOf(text: string, source: string): Result<Summary> {
  const chains: JsonObject[] = [];
  const flowtables: JsonObject[] = [];
  const rules = new Map<string, RuleSummary[]>();
  const read = eachElement(text, source, ({ start, end, line }) => {
    const json = parseJson(text.slice(start, end), source);
    if (!json.ok) return { ...json.problem, line: line - 1 + (json.problem.line ?? 1) };
    const { chain, flowtable, rule } = objectOf(json.value);
    if (isObject(chain)) chains.push(chain);
    if (isObject(flowtable)) flowtables.push(flowtable);
    if (isObject(rule)) addTo(rules, keyOf(rule, String(rule['chain'])), summarized(objectsOf(rule['expr'])));
    return null;
  });
  return read.ok ? ok({ chains, flowtables, rules }) : read;
}

function addTo(rules: Map<string, RuleSummary[]>, key: string, rule: RuleSummary): void {
  const found = rules.get(key);
  if (found === undefined) rules.set(key, [rule]);
  else found.push(rule);
}

function summarized(expressions: readonly JsonObject[]): RuleSummary {
  return { ofIptables: isWrittenByIptables(expressions), inert: expressions.every(isInert), targets: jumpTargets(expressions) };
}

function keyOf(of: JsonObject, chain: string): string {
  return `${of['family']} ${of['table']} ${chain}`;
}

function chainBesideIptables(chain: JsonObject, rules: RulesByChain): NativeChain | null {
  const reached = reachedRules(chain, rules);
  if (!isIptablesChain(chain)) {
    const own = rules.get(keyOf(chain, String(chain['name']))) ?? [];
    const inert = policyOf(chain) === 'accept' && reached.every((rule) => rule.inert);
    return nativeChain(chain, own.length, inert);
  }
  const foreign = reached.filter((rule) => !rule.ofIptables);
  return foreign.length === 0 ? null : nativeChain(chain, foreign.length, false);
}

/** The rules of a chain and of all chains that it jumps to. */
function reachedRules(chain: JsonObject, rules: RulesByChain): readonly RuleSummary[] {
  const names = new Set([String(chain['name'])]);
  const reached: RuleSummary[] = [];
  for (const name of names) {
    const own = rules.get(keyOf(chain, name)) ?? [];
    for (const rule of own) {
      reached.push(rule);
      for (const target of rule.targets) names.add(target);
    }
  }
  return reached;
}

function policyOf(chain: JsonObject): string {
  return String(chain['policy'] ?? 'accept');
}

function nativeChain(chain: JsonObject, ruleCount: number, inert: boolean): NativeChain {
  return {
    family: String(chain['family']),
    table: String(chain['table']),
    chain: String(chain['name']),
    hook: String(chain['hook']),
    type: String(chain['type']),
    priority: Number(chain['prio']),
    policy: policyOf(chain),
    ruleCount,
    inert,
  };
}

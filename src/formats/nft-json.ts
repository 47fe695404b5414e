import { failed, ok, type Result } from '#facts/result.ts';
import type { NativeChain } from '#facts/snapshot.ts';
import { isObject, type JsonObject, objectOf, objectsOf } from './json-fields.ts';
import { parseJson } from './json-text.ts';
import { isInert, isWrittenByIptables, jumpTargets } from './nft-json/expressions.ts';
import { isIptablesChain, isIptablesTable } from './nft-json/iptables-chains.ts';

/**
 * The base chains and flowtables of `nft -j list ruleset` (nft 1.0.6) whose work iptables-nft-save does not show: native ones, and those of iptables that
 * reach rules which iptables did not write. iptables-nft-save prints such rules wrongly, or not at all, without a word: they
 * count here, and make their chain not inert.
 */
export function readNativeChains(text: string, source: string): Result<readonly NativeChain[]> {
  const listed = listIn(text, source);
  if (!listed.ok) return listed;
  const list = listed.value;
  const rules = rulesByChain(list);
  const chains = list.flatMap((item) => (isObject(item) && isObject(item['chain']) ? [item['chain']] : []));
  const beside = chains.filter((chain) => chain['hook'] !== undefined).flatMap((chain) => chainBesideIptables(chain, rules) ?? []);
  const flowtables = list.flatMap((item) => (isObject(item) && isObject(item['flowtable']) ? [item['flowtable']] : []));
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
  const listed = listIn(text, source);
  if (!listed.ok) return listed;
  const rules = rulesByChain(listed.value);
  const chains = listed.value.flatMap((item) => (isObject(item) && isObject(item['chain']) ? [item['chain']] : []));
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
          foreignCount: own.filter((rule) => !isWrittenByIptables(expressionsOf(rule))).length,
        };
      }),
  );
}

function listIn(text: string, source: string): Result<readonly unknown[]> {
  const json = parseJson(text, source);
  if (!json.ok) return json;
  const list = objectOf(json.value)['nftables'];
  if (!Array.isArray(list)) {
    return failed({
      code: 'nft-json-unreadable',
      source,
      line: 1,
      found: 'no list nftables',
      expected: "what 'nft -j list ruleset' prints",
    });
  }
  return ok(list);
}

type RulesByChain = ReadonlyMap<string, readonly JsonObject[]>;

function rulesByChain(list: readonly unknown[]): RulesByChain {
  const rules = list.flatMap((item) => (isObject(item) && isObject(item['rule']) ? [item['rule']] : []));
  return Map.groupBy(rules, (rule) => keyOf(rule, String(rule['chain'])));
}

function keyOf(of: JsonObject, chain: string): string {
  return `${of['family']} ${of['table']} ${chain}`;
}

function chainBesideIptables(chain: JsonObject, rules: RulesByChain): NativeChain | null {
  const reached = reachedRules(chain, rules);
  if (!isIptablesChain(chain)) {
    const own = rules.get(keyOf(chain, String(chain['name']))) ?? [];
    const inert = policyOf(chain) === 'accept' && reached.every((rule) => expressionsOf(rule).every(isInert));
    return nativeChain(chain, own.length, inert);
  }
  const foreign = reached.filter((rule) => !isWrittenByIptables(expressionsOf(rule)));
  return foreign.length === 0 ? null : nativeChain(chain, foreign.length, false);
}

/** The rules of a chain and of all chains that it jumps to. */
function reachedRules(chain: JsonObject, rules: RulesByChain): readonly JsonObject[] {
  const names = new Set([String(chain['name'])]);
  const reached: JsonObject[] = [];
  for (const name of names) {
    const own = rules.get(keyOf(chain, name)) ?? [];
    for (const rule of own) {
      reached.push(rule);
      for (const target of jumpTargets(expressionsOf(rule))) names.add(target);
    }
  }
  return reached;
}

function expressionsOf(rule: JsonObject): readonly JsonObject[] {
  return objectsOf(rule['expr']);
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

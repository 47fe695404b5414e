import { failed, ok, type Result } from '#facts/result.ts';
import type { NativeChain } from '#facts/snapshot.ts';

type Json = Readonly<Record<string, unknown>>;

/** Base chains as iptables-nft makes them: name, hook, priority. They belong to the save dumps. */
const ownChains: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING prerouting -300', 'OUTPUT output -300'],
  mangle: ['PREROUTING prerouting -150', 'INPUT input -150', 'FORWARD forward -150', 'OUTPUT output -150', 'POSTROUTING postrouting -150'],
  nat: ['PREROUTING prerouting -100', 'INPUT input 100', 'OUTPUT output -100', 'POSTROUTING postrouting 100'],
  filter: ['INPUT input 0', 'FORWARD forward 0', 'OUTPUT output 0'],
  security: ['INPUT input 50', 'FORWARD forward 50', 'OUTPUT output 50'],
};

/**
 * The base chains of `nft -j list ruleset` that iptables-nft-save does not print. iptables' own chains are left to it; whether a rule
 * in them is native cannot be told from this listing for certain (nft prints `xt` for some, native expressions for others), so they are judged by the dump.
 */
export function readNativeChains(text: string, source: string): Result<readonly NativeChain[]> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    return failed({
      code: 'json-unreadable',
      source,
      found: (error as Error).message.slice(0, 80),
      expected: 'what nft -j list ruleset prints',
    });
  }
  const list = (whole as Json | null)?.['nftables'];
  if (!Array.isArray(list))
    return failed({ code: 'json-unreadable', source, found: 'no nftables array', expected: 'what nft -j list ruleset prints' });
  const objects = list as readonly Json[];
  const rules = Map.groupBy(
    objects.flatMap(({ rule }) => (rule === undefined ? [] : [rule as Json])),
    chainKey,
  );
  return ok(
    objects.flatMap(({ chain }) => {
      const found = chain as Json | undefined;
      if (found?.['hook'] === undefined || isIptablesOwn(found)) return [];
      return [nativeChain(found, rules.get(`${found['family']} ${found['table']} ${found['name']}`) ?? [])];
    }),
  );
}

const chainKey = (rule: Json): string => `${rule['family']} ${rule['table']} ${rule['chain']}`;

function isIptablesOwn(chain: Json): boolean {
  const known = ownChains[String(chain['table'])]?.includes(`${chain['name']} ${chain['hook']} ${chain['prio']}`);
  return known === true && (chain['family'] === 'ip' || chain['family'] === 'ip6');
}

function nativeChain(chain: Json, rules: readonly Json[]): NativeChain {
  const policy = String(chain['policy'] ?? 'accept');
  return {
    family: String(chain['family']),
    table: String(chain['table']),
    chain: String(chain['name']),
    hook: String(chain['hook']),
    type: String(chain['type']),
    priority: Number(chain['prio']),
    policy,
    ruleCount: rules.length,
    inert: policy === 'accept' && rules.every(isHarmless),
  };
}

/** Only counting, logging and tracing, and expressions that merely look. */
function isHarmless(rule: Json): boolean {
  const expressions = Array.isArray(rule['expr']) ? (rule['expr'] as readonly Json[]) : [];
  return expressions.every((expression) =>
    Object.keys(expression).every((key) => ['match', 'counter', 'log', 'accept', 'comment'].includes(key)),
  );
}

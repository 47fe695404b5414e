import type { NftChain, NftExpression, NftRule, NftRuleset, NftTable } from '#facts/nft.ts';
import type { NativeChain } from '#facts/snapshot.ts';
import { asIptablesRule } from './nftables/iptables/recognize.ts';
import { isStandardChain, tablesOfIptables } from './nftables/iptables/standard.ts';

/**
 * The base chains and flowtables that iptables-nft-save does not show: native ones, and those of iptables that reach rules which iptables
 * does not write so. The same question as readNativeChains answers from a listing.
 */
export function nativeChainsOf(ruleset: NftRuleset): readonly NativeChain[] {
  return ruleset.tables.flatMap((table) => [
    ...[...table.chains.values()].flatMap((chain) => besideIptables(chain, { table, littleEndian: ruleset.littleEndian }) ?? []),
    ...table.flowtables.map(({ name, priority }): NativeChain => {
      const place = { family: table.family, table: table.name, chain: `flowtable ${name}` };
      return { ...place, hook: 'ingress', type: 'flowtable', priority, policy: 'accept', ruleCount: 0, inert: false };
    }),
  ]);
}

interface Context {
  readonly table: NftTable;
  readonly littleEndian: boolean;
}

function besideIptables(chain: NftChain, { table, littleEndian }: Context): NativeChain | null {
  if (chain.base === null) return null;
  const reached = reachedRules(chain, table);
  const { hook, type, priority } = chain.base;
  const policy = chain.policy ?? 'accept';
  const place = { family: table.family, table: table.name, chain: chain.name, hook, type, priority, policy };
  const name = tablesOfIptables.find((each) => each === table.name);
  const { family } = table;
  if ((family !== 'ip' && family !== 'ip6') || name === undefined || !isStandardChain(name, chain))
    return { ...place, ruleCount: chain.ruleCount, inert: policy === 'accept' && reached.every(isInert) };
  const foreign = reached.filter((rule) => asIptablesRule(rule, { family, littleEndian }) === null);
  return foreign.length === 0 ? null : { ...place, ruleCount: foreign.length, inert: false };
}

/** The rules of a chain and of all chains that it jumps to by a verdict of its own; maps of verdicts are not inert themselves. */
function reachedRules(from: NftChain, { chains }: NftTable): readonly NftRule[] {
  const names = new Set([from.name]);
  const reached: NftRule[] = [];
  for (const name of names) {
    for (const rule of chains.get(name)?.rules ?? []) {
      reached.push(rule);
      for (const target of rule.expressions.flatMap(jumpTarget)) names.add(target);
    }
  }
  return reached;
}

function jumpTarget(expression: NftExpression): readonly string[] {
  const verdict = expression.kind === 'verdict' ? expression.verdict : null;
  return verdict !== null && 'chain' in verdict ? [verdict.chain] : [];
}

/** Expressions that change neither the packet nor its fate beyond this chain. */
const inertKinds: ReadonlySet<NftExpression['kind']> = new Set([
  'payload',
  'meta',
  'compare',
  'bitwise',
  'shift',
  'bitwise-registers',
  'byteorder',
  'immediate',
  'range',
  'ct',
  'fib',
  'rt',
  'socket',
  'exthdr',
  'counter',
  'last',
  'log',
]);

function isInert({ expressions }: NftRule): boolean {
  return expressions.every((expression) => {
    if (expression.kind === 'verdict') return expression.verdict.kind !== 'drop' && expression.verdict.kind !== 'queue';
    return inertKinds.has(expression.kind) || (expression.kind === 'lookup' && expression.to !== 'verdict');
  });
}

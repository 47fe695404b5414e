import { isObject, type JsonObject, objectOf } from '../json-fields.ts';

/** Verdicts and statements that change neither the packet nor its fate beyond this chain. */
const inertKinds = new Set(['match', 'counter', 'log', 'accept', 'return', 'continue', 'comment', 'jump', 'goto']);

/** `jump` and `goto` are inert by themselves: what they reach is judged rule by rule. */
export function isInert(expression: JsonObject): boolean {
  return Object.keys(expression).every((kind) => inertKinds.has(kind));
}

export function jumpTargets(expressions: readonly JsonObject[]): readonly string[] {
  return expressions.flatMap((expression) => {
    const target = objectOf(expression['jump'] ?? expression['goto'])['target'];
    return typeof target === 'string' ? [target] : [];
  });
}

const iptablesStatements = new Set(['counter', 'accept', 'drop', 'return', 'jump', 'goto', 'limit', 'log', 'xt']);
const iptablesMeta = new Set(['iifname', 'oifname', 'iif', 'oif', 'l4proto', 'mark']);
const iptablesPayload = new Set([
  'ip saddr',
  'ip daddr',
  'ip protocol',
  'ip frag-off',
  'ip6 saddr',
  'ip6 daddr',
  'ip6 nexthdr',
  'tcp sport',
  'tcp dport',
  'tcp flags',
  'udp sport',
  'udp dport',
]);

/**
 * Whether iptables-nft (up to 1.8.11) can have written a rule. It always writes a counter; it compares single values, prefixes and port
 * ranges with `==` or `!=`, never sets, maps or other fields; everything else of it is an opaque `xt`.
 */
export function isWrittenByIptables(expressions: readonly JsonObject[]): boolean {
  return expressions.some((expression) => 'counter' in expression) && expressions.every(isIptablesExpression);
}

function isIptablesExpression(expression: JsonObject): boolean {
  const match = expression['match'];
  if (!isObject(match)) return Object.keys(expression).every((kind) => iptablesStatements.has(kind));
  if (match['op'] !== '==' && match['op'] !== '!=') return false;
  return isIptablesField(match['left']) && isIptablesValue(match['right'], match['left']);
}

/** iptables masks a field once. */
function isIptablesField(left: unknown): boolean {
  if (!isObject(left)) return false;
  const masked = left['&'];
  return Array.isArray(masked) ? masked.length === 2 && isPlainField(masked[0]) : isPlainField(left);
}

function isPlainField(left: unknown): boolean {
  if (!isObject(left)) return false;
  if (isObject(left['meta'])) return iptablesMeta.has(String(left['meta']['key']));
  if (!isObject(left['payload'])) return false;
  return iptablesPayload.has(`${left['payload']['protocol']} ${left['payload']['field']}`);
}

/** A range of addresses is written by `-m iprange` as `xt`; a native one is printed by iptables-nft-save as its last address. */
function isIptablesValue(right: unknown, left: unknown): boolean {
  if (typeof right === 'string') return !right.startsWith('@');
  if (typeof right === 'number' || Array.isArray(right)) return true;
  if (!isObject(right)) return false;
  const field = String(objectOf(objectOf(left)['payload'])['field']);
  return 'prefix' in right || ('range' in right && (field === 'sport' || field === 'dport'));
}

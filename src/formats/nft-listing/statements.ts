import type { NftExpression } from '#facts/nft.ts';
import { isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from '../json-fields.ts';
import { compileNat, compilePortTranslation, compileTproxy } from './address-translation.ts';
import { assign } from './assigned-values.ts';
import { compileAssignment } from './assignments.ts';
import { integer } from './data-types.ts';
import { loadLookupKey } from './lookups.ts';
import { compileMatch } from './matches.ts';
import { notCompiled } from './not-compiled.ts';
import { flagsOf, isLoadable } from './operands.ts';
import { countExpression, limitExpression, quotaExpression } from './rates.ts';
import { compileReject } from './rejects.ts';
import type { RuleState } from './rule-state.ts';
import { compileMapUpdate, compileSetUpdate } from './set-updates.ts';
import { describe } from './values.ts';
import { verdictOf } from './verdicts.ts';

type Compile = (rule: RuleState, value: JsonObject, given: unknown) => void;

/** Statements by the JSON's word for them. The third argument is the value as it stands there: null for `{"accept": null}`, text for names. */
const statements: Readonly<Record<string, Compile>> = {
  match: compileMatch,
  vmap: compileVerdictMap,
  mangle: compileAssignment,
  counter: (rule, value, given) => namedOr(rule, 'counter', given, () => counter(rule, value)),
  limit: (rule, value, given) => namedOr(rule, 'limit', given, () => void rule.out.push(limitExpression(value))),
  quota: (rule, value, given) => namedOr(rule, 'quota', given, () => void rule.out.push(quotaExpression(value))),
  'ct count': (rule, value) => void rule.out.push(countExpression(value)),
  'ct helper': named('ct helper'),
  'ct timeout': named('ct timeout'),
  'ct expectation': named('ct expectation'),
  secmark: named('secmark'),
  synproxy: (rule, _, given) => namedOr(rule, 'synproxy', given, () => void rule.out.push({ kind: 'synproxy' })),
  last: (rule) => void rule.out.push({ kind: 'last' }),
  log: (rule, value) => void rule.out.push({ kind: 'log', prefix: textOf(value['prefix']) ?? '', text: logText(value) }),
  reject: compileReject,
  dnat: (rule, value) => compileNat(rule, 'dnat', value),
  snat: (rule, value) => compileNat(rule, 'snat', value),
  masquerade: (rule, value) => compilePortTranslation(rule, 'masquerade', value),
  redirect: (rule, value) => compilePortTranslation(rule, 'redirect', value),
  tproxy: compileTproxy,
  notrack: (rule) => void rule.out.push({ kind: 'notrack' }),
  queue: compileQueue,
  dup: (rule, value) => void rule.out.push({ kind: 'dup', text: JSON.stringify(flat(value)) }),
  fwd: (rule, value) => void rule.out.push({ kind: 'forward', text: JSON.stringify(flat(value)) }),
  set: compileSetUpdate,
  map: compileMapUpdate,
  flow: (rule, value) => void rule.out.push({ kind: 'flow-offload', table: String(value['flowtable']).replace(/^@/, '') }),
  xt: (rule, value) => opaque(rule, value),
};

/** Compiles one statement; an unknown one is a NotCompiled. */
export function compileStatement(rule: RuleState, statement: unknown): void {
  const [member, ...rest] = isObject(statement) ? Object.entries(statement) : [];
  // nft prints as plain text what its JSON has no words for.
  if (member === undefined || rest.length > 0) return notCompiled(`statement ${describe(statement)}`);
  const [name, value] = member;
  const verdict = verdictOf(statement);
  if (verdict !== null) {
    rule.out.push({ kind: 'verdict', verdict });
    return;
  }
  const compile = Object.hasOwn(statements, name) ? statements[name] : undefined;
  if (compile === undefined) return notCompiled(`statement '${name}'`);
  compile(rule, objectOf(value), value);
}

const unused: NftExpression = { kind: 'counter', packets: 0, bytes: 0 };

function counter(rule: RuleState, value: JsonObject): void {
  if ((value['packets'] ?? 0) === 0 && (value['bytes'] ?? 0) === 0) return void rule.out.push(unused);
  rule.out.push({ kind: 'counter', packets: numberOf(value['packets']) ?? 0, bytes: numberOf(value['bytes']) ?? 0 });
}

function named(type: string): Compile {
  return (rule, _, given) => namedOr(rule, type, given, () => notCompiled(`${type} ${describe(given)}`));
}

/** `counter name "c1"`, or one that a map chooses (net/netfilter/nft_objref.c). */
function namedOr(rule: RuleState, type: string, given: unknown, otherwise: () => void): void {
  const name = textOf(given);
  if (name !== null) {
    rule.out.push({ kind: 'object', type, name, text: `${type} name "${name}"` });
    return;
  }
  const map = objectOf(given)['map'];
  if (map === undefined) return otherwise();
  const { key, data } = objectOf(map);
  const found = loadLookupKey(rule, key, data, { map: 'object', data: null });
  rule.out.push({ kind: 'object', type, name: null, text: `${type} name map @${found.name}` });
}

function compileVerdictMap(rule: RuleState, { key, data }: JsonObject): void {
  const found = loadLookupKey(rule, key, data, { map: 'verdict', data: null });
  rule.out.push({ kind: 'lookup', set: found.name, from: 0, to: 'verdict', negated: false });
}

function logText(value: JsonObject): string {
  const option = (name: string, each: unknown): string => (name === 'prefix' ? `prefix "${each}"` : `${name} ${each}`);
  return Object.entries(flat(value))
    .flatMap(([name, each]) => (Array.isArray(each) ? each.map((part) => option(name, part)) : [option(name, each)]))
    .join(' ');
}

/** Nested values only as being there: their text may be as deep as the listing. */
function flat(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isObject(each) ? '...' : Array.isArray(each) ? flagsOf(each) : each]),
  );
}

function compileQueue(rule: RuleState, value: JsonObject): void {
  const flags = flagsOf(value['flags']);
  const bypass = flags.includes('bypass');
  const { num } = value;
  if (isLoadable(num) || (isObject(num) && 'map' in num)) {
    assign(rule, integer(32, 'host'), num);
    rule.out.push({ kind: 'queue', first: 0, last: 0, register: 0, bypass });
    return;
  }
  const [first, last] = isObject(num) ? listOf(num['range']).map(numberOf) : [numberOf(num ?? 0), numberOf(num ?? 0)];
  if (first === null || first === undefined || last === null || last === undefined) return notCompiled(`queue ${describe(num)}`);
  rule.out.push({ kind: 'queue', first, last, register: null, bypass });
}

/** `{"xt": {"type": "match", "name": "conntrack"}}`: what it holds is not in the listing. See nft-join.ts. */
export const opaqueReason = 'nft lists no parameters of extensions of iptables';

/** A comment matches always, whatever it says. */
export const opaqueComment: NftExpression = {
  kind: 'xt-match',
  name: 'comment',
  revision: 0,
  info: new Uint8Array(0),
  text: '-m comment',
  matches: [{ kind: 'comment', text: '' }],
};

function opaque(rule: RuleState, value: JsonObject): void {
  const type = textOf(value['type']) ?? 'extension';
  const name = textOf(value['name']) ?? '';
  if (type === 'match' && name === 'comment') rule.out.push(opaqueComment);
  else rule.out.push(opaqueExpression(`xt ${type} ${name}`));
}

const opaques = new Map<string, NftExpression>();

/** One for each name: most rules of a large listing have some. */
function opaqueExpression(name: string): NftExpression {
  const found = opaques.get(name) ?? { kind: 'unmodelled', name, because: opaqueReason };
  if (opaques.size < 1000) opaques.set(name, found);
  return found;
}

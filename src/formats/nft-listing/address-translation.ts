import type { NftExpression, NftFamily, NftRegister } from '#facts/nft.ts';
import { isObject, type JsonObject, listOf, objectOf, textOf } from '../json-fields.ts';
import { assign, assignFromMap } from './assigned-values.ts';
import { registersOf } from './bytes.ts';
import { type DataType, typed, widthOf } from './data-types.ts';
import { loadLookupKey } from './lookups.ts';
import { notCompiled } from './not-compiled.ts';
import { flagsOf, isLoadable } from './operands.ts';
import type { RuleState } from './rule-state.ts';
import { isInterval } from './set-elements.ts';
import { boundsOf, describe } from './values.ts';

const port = typed('inet_service');

/** Registers of the two ends of a range; the same where it is one value. */
interface Ends {
  readonly from: NftRegister | null;
  readonly to: NftRegister | null;
}

const nothing: Ends = { from: null, to: null };

/** nft gives each constant a register of 128 bits, in this order. */
class Registers {
  #next = 0;

  take(): NftRegister {
    const register = this.#next;
    this.#next += 4;
    return register > 12 ? notCompiled('more values than registers hold') : register;
  }
}

/** `dnat to`, `snat to`. net/netfilter/nft_nat.c. */
export function compileNat(rule: RuleState, type: 'dnat' | 'snat', value: JsonObject): void {
  const family = (textOf(value['family']) ??
    (rule.scope.family === 'inet' && value['addr'] !== undefined ? rule.network : rule.scope.family)) as NftFamily | null;
  if (family !== 'ip' && family !== 'ip6' && family !== 'inet') return notCompiled('an address of unknown family');
  const registers = new Registers();
  const flags = natFlags(value['flags']);
  if (isObject(value['addr']) && 'map' in value['addr']) return natFromMap(rule, { type, family, flags }, value);
  const address = family === 'inet' ? nothing : ends(rule, typed(family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'), value['addr'], registers);
  const ports = ends(rule, port, value['port'], registers);
  rule.out.push({
    kind: 'nat',
    type,
    family,
    addressFrom: address.from,
    addressTo: address.to,
    portFrom: ports.from,
    portTo: ports.to,
    flags,
  });
}

interface Translation {
  readonly type: 'dnat' | 'snat';
  readonly family: 'ip' | 'ip6' | 'inet';
  readonly flags: readonly string[];
}

/** The map holds an address, an address and a port, or, for `prefix` and `interval`, the two ends of a range. */
function natFromMap(rule: RuleState, { type, family, flags }: Translation, value: JsonObject): void {
  if (family === 'inet' || value['port'] !== undefined) return notCompiled('a port beside a map of addresses');
  const addressType = typed(family === 'ip' ? 'ipv4_addr' : 'ipv6_addr');
  const { key, data } = objectOf(objectOf(value['addr'])['map']);
  const shape = textOf(data) === null ? shapeOfAnonymous(data, addressType) : null;
  const found = loadLookupKey(rule, key, data, { map: 'data', data: shape?.types ?? null });
  const types = found.data ?? notCompiled(`map '${found.name}' of unknown data`);
  const [address, portOfMap, ...more] = types;
  if (address === undefined || widthOf(address) !== widthOf(addressType) || more.length > 0)
    return notCompiled(`map '${found.name}' holds no addresses`);
  if (portOfMap !== undefined && widthOf(portOfMap) !== 2) return notCompiled(`map '${found.name}' holds no ports`);
  const declared = flagsOf(value['type_flags']).some((flag) => flag === 'prefix' || flag === 'interval');
  if (declared !== (shape?.interval ?? declared)) return notCompiled('a map of intervals');
  const second = registersOf(widthOf(address));
  rule.out.push(
    { kind: 'lookup', set: found.name, from: 0, to: 0, negated: false },
    {
      kind: 'nat',
      type,
      family,
      addressFrom: 0,
      addressTo: declared ? second : 0,
      portFrom: portOfMap === undefined ? null : second,
      portTo: portOfMap === undefined ? null : second,
      flags,
    },
  );
}

function shapeOfAnonymous(data: unknown, address: DataType): { readonly types: readonly DataType[]; readonly interval: boolean } {
  const values = listOf(objectOf(data)['set']).map((pair) => listOf(pair)[1]);
  const withPort = values.every((value) => Array.isArray(objectOf(value)['concat']));
  return { types: withPort ? [address, port] : [address], interval: values.some(isInterval) };
}

/** Puts one value, or the two ends of a range, into registers. */
function ends(rule: RuleState, type: DataType, value: unknown, registers: Registers): Ends {
  if (value === undefined || value === null) return nothing;
  const from = registers.take();
  if (isObject(value) && 'map' in value) {
    assignFromMap(rule, [type], value['map'], from);
    return { from, to: from };
  }
  if (isLoadable(value)) {
    assign(rule, type, value, from);
    return { from, to: from };
  }
  const { first, last } = boundsOf(type, value);
  rule.out.push({ kind: 'immediate', to: from, value: first });
  if (last === null) return { from, to: from };
  const to = registers.take();
  rule.out.push({ kind: 'immediate', to, value: last });
  return { from, to };
}

/** `masquerade`, `redirect`. */
export function compilePortTranslation(rule: RuleState, kind: 'masquerade' | 'redirect', value: JsonObject): void {
  const ports = ends(rule, port, value['port'], new Registers());
  rule.out.push({ kind, portFrom: ports.from, portTo: ports.to, flags: natFlags(value['flags']) });
}

export function compileTproxy(rule: RuleState, value: JsonObject): void {
  const registers = new Registers();
  const family = textOf(value['family']) ?? rule.scope.family;
  if (family !== 'ip' && family !== 'ip6' && family !== 'inet') return notCompiled(`tproxy for ${describe(family)}`);
  const address = family === 'inet' ? nothing : ends(rule, typed(family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'), value['addr'], registers);
  const ports = ends(rule, port, value['port'], registers);
  rule.out.push({ kind: 'tproxy', family, address: address.from, port: ports.from });
}

const flagOrder = ['random', 'persistent', 'fully-random', 'netmap'];

/** In the order of their bits (NF_NAT_RANGE_*). */
function natFlags(value: unknown): readonly string[] {
  const flags = flagsOf(value);
  const unknown = flags.find((flag) => !flagOrder.includes(flag));
  if (unknown !== undefined) notCompiled(`flag ${describe(unknown)}`);
  return flagOrder.filter((flag) => flags.includes(flag));
}

export type NatExpression = Extract<NftExpression, { kind: 'nat' }>;

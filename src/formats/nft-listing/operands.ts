import type { NftExpression, NftFamily } from '#facts/nft.ts';
import { isObject, type JsonObject, listOf, numberOf, objectOf, textOf, textsOf } from '../json-fields.ts';
import { withConstant } from './bit-operations.ts';
import { padded, registersOf } from './bytes.ts';
import { integer, typed, widthOf } from './data-types.ts';
import { checkRegisters, type Field, needsNothing, plainField, wholeField } from './fields.ts';
import { extensionHeader, ipOption, tcpOption } from './header-operands.ts';
import { ctTypes, metaKeyNames, metaTypes } from './keys.ts';
import { notCompiled } from './not-compiled.ts';
import { payloadOperand } from './payload-operand.ts';
import { sharedLoad } from './shared.ts';
import { describe } from './values.ts';

type Read = (value: JsonObject, family: NftFamily) => Field;

/** What stands on the left of a comparison, is a key, or is a value that is not constant, by the JSON's word for it. */
const readers: Readonly<Record<string, Read>> = {
  payload: payloadOperand,
  meta: (value) => metaField(String(value['key'])),
  ct: ctField,
  fib: fibField,
  rt: routeField,
  socket: socketField,
  numgen: numberGenerator,
  jhash: hashOf,
  symhash: symmetricHash,
  exthdr: extensionHeader,
  'tcp option': tcpOption,
  'ip option': ipOption,
};

export function fieldOf(expression: unknown, family: NftFamily): Field {
  const [name, value] = onlyMember(expression);
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (read !== undefined) return read(objectOf(value), family);
  const operands = listOf(value);
  if (!['&', '|', '^', '<<', '>>'].includes(name) || operands.length < 2) return notCompiled(`'${name}'`);
  return operands.slice(1).reduce<Field>((field, constant) => withConstant(field, name, constant), fieldOf(operands[0], family));
}

/** The fields of a key: one, or those of a concatenation. */
export function keyOf(expression: unknown, family: NftFamily): readonly Field[] {
  const concatenation = isObject(expression) ? expression['concat'] : undefined;
  if (concatenation === undefined) return [fieldOf(expression, family)];
  return listOf(concatenation).map((each) => wholeField(withoutShift(each, family)));
}

/** nft 1.0.6 shows its own shift of a field inside a concatenation: `ip dscp >> 2`. */
function withoutShift(expression: unknown, family: NftFamily): Field {
  const shifted = listOf(objectOf(expression)['>>']);
  if (shifted.length !== 2) return fieldOf(expression, family);
  const inner = fieldOf(shifted[0], family);
  return inner.mask !== null && inner.shift === shifted[1] ? inner : fieldOf(expression, family);
}

/** Loads a key's fields side by side, each at the next register. */
export function loadKey(fields: readonly Field[], at: number): readonly NftExpression[] {
  let register = at;
  return fields.flatMap((field) => {
    checkRegisters(register, field.width);
    const loads = field.load(register);
    register += registersOf(field.width);
    return loads;
  });
}

/** Whether an expression is something to load, and no constant. */
export function isLoadable(expression: unknown): boolean {
  if (!isObject(expression)) return false;
  const [name] = Object.keys(expression);
  if (name === undefined) return false;
  if (name === '|' || name === '&' || name === '^' || name === '<<' || name === '>>') return isLoadable(listOf(expression[name])[0]);
  return name === 'concat' ? listOf(expression['concat']).some(isLoadable) : Object.hasOwn(readers, name);
}

function onlyMember(expression: unknown): readonly [string, unknown] {
  const [member, ...rest] = isObject(expression) ? Object.entries(expression) : [];
  return member === undefined || rest.length > 0 ? notCompiled(describe(expression)) : member;
}

export function metaField(key: string): Field {
  // Listings print the interface's name, not its index; see data type `interface`.
  if (key === 'iif' || key === 'oif' || key === 'sdif') return { ...metaField(`${key}name`), type: typed('interface') };
  const type = Object.hasOwn(metaTypes, key) ? metaTypes[key] : undefined;
  if (type === undefined) return notCompiled(`meta ${key}`);
  if (type === null) return notCompiled(`meta ${key}, which is listed in a time zone that the listing does not name`);
  const kernelKey = metaKeyNames[key] ?? key;
  return plainField(type, widthOf(type), (to) => [sharedLoad({ kind: 'meta', key: kernelKey, to })]);
}

/** An index where the listing prints a number, as it does for an interface that is gone. */
export function indexField(expression: unknown): Field | null {
  const { meta, fib } = objectOf(expression);
  const key = textOf(objectOf(meta)['key']);
  const type = typed('iface_index');
  if (key === 'iif' || key === 'oif' || key === 'sdif') return plainField(type, 4, (to) => [{ kind: 'meta', key, to }]);
  if (objectOf(fib)['result'] !== 'oif') return null;
  const flags = flagsOf(objectOf(fib)['flags']);
  return plainField(type, 4, (to) => [{ kind: 'fib', result: 'oif', flags, to }]);
}

function ctField(value: JsonObject, family: NftFamily): Field {
  const key = String(value['key']);
  const found = Object.hasOwn(ctTypes, key) ? ctTypes[key] : undefined;
  if (found === undefined) return notCompiled(`ct ${key}`);
  const type = found[1] ?? (family === 'ip' || family === 'ip6' ? typed(`ipv${family === 'ip' ? 4 : 6}_addr`) : notCompiled(`ct ${key}`));
  const direction = value['dir'] === 'original' || value['dir'] === 'reply' ? value['dir'] : null;
  if (value['dir'] !== undefined && direction === null) return notCompiled(`direction ${describe(value['dir'])}`);
  return plainField(type, widthOf(type), (to) => [{ kind: 'ct', key: found[0], direction, to }]);
}

export function flagsOf(value: unknown): readonly string[] {
  const text = textOf(value);
  return text === null ? textsOf(value) : [text];
}

/** `fib ... oif exists` and, from nft 1.1.1 on, `fib ... check exists` ask only whether there is a route (NFTA_FIB_F_PRESENT). */
function fibField(value: JsonObject): Field {
  const flags = flagsOf(value['flags']);
  const result = value['result'];
  if (result === 'type') {
    const type = typed('fib_addrtype');
    return plainField(type, 4, (to) => [{ kind: 'fib', result: 'type', flags, to }]);
  }
  if (result === 'check') return presenceOfRoute(flags);
  if (result !== 'oif' && result !== 'oifname') return notCompiled(`fib result ${describe(result)}`);
  const type = typed(result === 'oif' ? 'interface' : 'ifname');
  return plainField(type, 16, (to) => [{ kind: 'fib', result: 'oifname', flags, to }]);
}

export function presenceOfRoute(flags: readonly string[]): Field {
  // As wide as the index that it stands for.
  const type = { ...typed('boolean'), bits: 32 };
  return plainField(type, 4, (to) => [{ kind: 'fib', result: 'oif', flags: [...flags, 'present'], to }]);
}

function routeField(value: JsonObject, family: NftFamily): Field {
  const key = value['key'];
  const of = value['family'] ?? family;
  if (key === 'nexthop' && (of === 'ip' || of === 'ip6')) {
    const type = typed(of === 'ip' ? 'ipv4_addr' : 'ipv6_addr');
    return plainField(type, widthOf(type), (to) => [{ kind: 'rt', key: of === 'ip' ? 'nexthop4' : 'nexthop6', to }]);
  }
  const known = { classid: typed('realm'), mtu: integer(16, 'host'), ipsec: typed('boolean') } as const;
  if (key !== 'classid' && key !== 'mtu' && key !== 'ipsec') return notCompiled(`rt ${describe(key)}`);
  const type = known[key];
  return plainField(type, widthOf(type), (to) => [{ kind: 'rt', key: key === 'mtu' ? 'tcpmss' : key, to }]);
}

/** The level of `socket cgroupv2` is not in JSON before nft 1.0.7. */
function socketField(value: JsonObject): Field {
  const key = String(value['key']);
  const level = numberOf(value['level']);
  const types = { transparent: integer(8, 'host'), mark: typed('mark'), wildcard: integer(8, 'host'), cgroupv2: typed('cgroupv2') };
  const type = Object.hasOwn(types, key) ? types[key as keyof typeof types] : notCompiled(`socket ${key}`);
  if (key === 'cgroupv2' && level === null) return notCompiled('socket cgroupv2 without its level');
  return plainField(type, widthOf(type), (to) => [{ kind: 'socket', key, level: level ?? 0, to }]);
}

function positive(value: unknown, what: string): number {
  const number = numberOf(value);
  return number !== null && Number.isInteger(number) && number >= 0 && number <= 0xffffffff
    ? number
    : notCompiled(`${what} ${describe(value)}`);
}

function numberGenerator(value: JsonObject): Field {
  const type =
    value['mode'] === 'random' ? 'random' : value['mode'] === 'inc' ? 'incremental' : notCompiled(`numgen ${describe(value['mode'])}`);
  const modulus = positive(value['mod'], 'modulus');
  const offset = positive(value['offset'] ?? 0, 'offset');
  return plainField(integer(32, 'host'), 4, (to) => [{ kind: 'numgen', type, modulus, offset, to }]);
}

function hashOf(value: JsonObject, family: NftFamily): Field {
  const modulus = positive(value['mod'], 'modulus');
  const offset = positive(value['offset'] ?? 0, 'offset');
  const seed = value['seed'] === undefined ? null : positive(value['seed'], 'seed');
  const key = keyOf(value['expr'], family);
  const length = key.length === 1 ? (key[0] as Field).width : key.reduce((sum, field) => sum + padded(field.width), 0);
  return {
    type: integer(32, 'host'),
    width: 4,
    shift: 0,
    mask: null,
    place: null,
    require: (rule) => {
      for (const field of key) field.require(rule);
    },
    load: (to) => [...loadKey(key, to + 4), { kind: 'hash', type: 'jhash', from: to + 4, length, modulus, seed, offset, to }],
  };
}

function symmetricHash(value: JsonObject): Field {
  const modulus = positive(value['mod'], 'modulus');
  const offset = positive(value['offset'] ?? 0, 'offset');
  return {
    ...plainField(integer(32, 'host'), 4, (to) => [
      { kind: 'hash', type: 'symhash', from: null, length: 0, modulus, seed: null, offset, to },
    ]),
    require: needsNothing,
  };
}

import type { NftExpression } from '#facts/nft.ts';
import { isObject, type JsonObject, objectOf, textOf } from '../json-fields.ts';
import { assign } from './assigned-values.ts';
import { bytesOf } from './bytes.ts';
import { bytesInside, type Field } from './fields.ts';
import { ctTypes, metaKeyNames, metaTypes, tcpOptionFields, tcpOptions } from './keys.ts';
import { notCompiled } from './not-compiled.ts';
import { fieldOf, isLoadable } from './operands.ts';
import type { RuleState } from './rule-state.ts';
import { describe } from './values.ts';

/** `meta mark set 5`: `{"mangle": {"key": ..., "value": ...}}`. */
export function compileAssignment(rule: RuleState, { key, value }: JsonObject): void {
  const { meta, ct, payload, 'tcp option': option } = objectOf(key);
  if (isObject(meta)) return assignMeta(rule, String(meta['key']), value);
  if (isObject(ct)) return assignCt(rule, ct, value);
  if (isObject(payload)) return assignPayload(rule, key, value);
  if (isObject(option)) return assignTcpOption(rule, option, value);
  notCompiled(`a value for ${describe(key)}`);
}

function assignMeta(rule: RuleState, key: string, value: unknown): void {
  const type = Object.hasOwn(metaTypes, key) ? metaTypes[key] : undefined;
  if (type === undefined || type === null) return notCompiled(`meta ${key} set`);
  assign(rule, type, value);
  rule.out.push({ kind: 'meta-set', key: metaKeyNames[key] ?? key, from: 0 });
}

function assignCt(rule: RuleState, ct: JsonObject, value: unknown): void {
  const found = Object.hasOwn(ctTypes, String(ct['key'])) ? ctTypes[String(ct['key'])] : undefined;
  if (found === undefined || found[1] === null) return notCompiled(`ct ${describe(ct['key'])} set`);
  assign(rule, found[1], value);
  const direction = ct['dir'] === 'original' || ct['dir'] === 'reply' ? ct['dir'] : null;
  rule.out.push({ kind: 'ct-set', key: found[0], direction, from: 0 });
}

/**
 * Headers with a checksum are written two bytes at a time, so that the checksum's difference can be computed (net/netfilter/nft_payload.c,
 * nft_payload_csum_inet): a field that is less is read first, with what stands beside it.
 */
function assignPayload(rule: RuleState, key: unknown, value: unknown): void {
  const field = fieldOf(key, rule.scope.family);
  const place = field.place ?? notCompiled('a field that cannot be written');
  field.require(rule);
  const odd = field.mask === null && (field.width % 2 === 1 || place.offset % 2 === 1) && hasChecksum(objectOf(key));
  if (field.mask !== null || odd) {
    rule.out.push(...writeInside(field, place, value));
    return;
  }
  assign(rule, field.type, value);
  rule.out.push({ kind: 'payload-set', base: place.base, offset: place.offset, length: field.width, from: 0 });
}

function hasChecksum(key: JsonObject): boolean {
  const header = textOf(objectOf(key['payload'])['protocol']);
  return header !== null && !['ip6', 'ether', 'arp', 'esp', 'ah', 'comp'].includes(header);
}

function writeInside(field: Field, place: NonNullable<Field['place']>, value: unknown): readonly NftExpression[] {
  if (isLoadable(value) || (isObject(value) && 'map' in value)) return notCompiled('a value that is not constant for a part of a word');
  const offset = place.offset & ~1;
  const end = (place.offset + field.width + 1) & ~1;
  const width = end - offset;
  const after = BigInt(8 * (end - place.offset - field.width));
  const bits = BigInt(field.type.bits);
  const own = ((1n << bits) - 1n) << (BigInt(field.shift) + after);
  const mask = bytesOf(((1n << BigInt(width * 8)) - 1n) & ~own, width, 'network');
  const inside = bytesInside(field, value).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return [
    { kind: 'payload', base: place.base, offset, length: width, to: 0 },
    { kind: 'bitwise', from: 0, to: 0, length: width, mask, xor: bytesOf(inside << after, width, 'network') },
    { kind: 'payload-set', base: place.base, offset, length: width, from: 0 },
  ];
}

function assignTcpOption(rule: RuleState, option: JsonObject, value: unknown): void {
  const name = textOf(option['name']) ?? '';
  const type = Object.hasOwn(tcpOptions, name) ? tcpOptions[name] : undefined;
  const field = tcpOptionFields[`${name} ${textOf(option['field'])}`];
  if (type === undefined || field === undefined) return notCompiled(`TCP option ${describe(name)}`);
  const text = `tcp option ${name} ${textOf(option['field'])}`;
  if (isLoadable(value)) {
    const source = fieldOf(value, rule.scope.family);
    source.require(rule);
    rule.out.push(...source.load(0));
  } else {
    assign(rule, field[1], value);
  }
  rule.out.push({ kind: 'exthdr-set', header: 'tcp', type, text });
}

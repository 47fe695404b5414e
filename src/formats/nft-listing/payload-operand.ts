import { type JsonObject, numberOf, textOf } from '../json-fields.ts';
import { bytesOf } from './bytes.ts';
import { integer } from './data-types.ts';
import type { Field } from './fields.ts';
import { notCompiled } from './not-compiled.ts';
import { type PayloadField, payloadField, rawBases } from './payload-fields.ts';
import type { RuleState } from './rule-state.ts';
import { sharedLoad } from './shared.ts';
import { describe } from './values.ts';

/** `ip saddr` (protocol and field) or `@nh,8,8` (base, offset and length in bits). */
export function payloadOperand(value: JsonObject): Field {
  if (value['tunnel'] !== undefined) return notCompiled('a header inside a tunnel');
  const header = textOf(value['protocol']);
  if (header === null) return rawPayload(value);
  const name = textOf(value['field']) ?? '';
  const found = payloadField(header, name);
  if (found === null) return notCompiled(`field ${describe(`${header} ${name}`)}`);
  return inBytes(found, (rule) => {
    rule.require(header);
    if (header !== 'icmp' && header !== 'icmpv6') return;
    // nft 0.9.7 and later ask for the types that have such a field, and list it only from some version on.
    if (name !== 'type' && name !== 'code' && name !== 'checksum' && !rule.icmpType)
      notCompiled(`${header} ${name}: whether its type is asked for depends on nft's version`);
    if (name === 'type') rule.icmpType = true;
  });
}

function rawPayload(value: JsonObject): Field {
  const base = rawBases[String(value['base'])] ?? notCompiled(`payload base ${describe(value['base'])}`);
  const offset = numberOf(value['offset']) ?? -1;
  const bits = numberOf(value['len']) ?? 0;
  if (offset < 0 || bits < 1 || bits > 128 || !Number.isInteger(offset) || !Number.isInteger(bits)) return notCompiled('raw payload');
  return inBytes({ base, offset, type: integer(bits, 'network') }, () => undefined);
}

/** The whole bytes around a field, net/netfilter/nft_payload.c; what is not of the field is masked away. */
function inBytes({ base, offset, type }: PayloadField, require: (rule: RuleState) => void): Field {
  const first = Math.floor(offset / 8);
  const width = Math.ceil((offset + type.bits) / 8) - first;
  const shift = (first + width) * 8 - offset - type.bits;
  const whole = type.bits === width * 8;
  const mask = whole ? null : bytesOf(((1n << BigInt(type.bits)) - 1n) << BigInt(shift), width, 'network');
  return {
    type,
    width,
    shift,
    mask,
    require,
    load: (to) => [sharedLoad({ kind: 'payload', base, offset: first, length: width, to })],
    place: { base, offset: first },
  };
}

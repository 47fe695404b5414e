import { type JsonObject, textOf } from '../json-fields.ts';
import { bytesOf } from './bytes.ts';
import { type DataType, typed } from './data-types.ts';
import { type Field, needsNothing } from './fields.ts';
import { extensionFields, extensionHeaders, ipOptions, tcpOptionFields, tcpOptions } from './keys.ts';
import { notCompiled } from './not-compiled.ts';
import type { RuleState } from './rule-state.ts';
import { describe } from './values.ts';

interface Place {
  readonly header: 'ipv6' | 'tcp' | 'ipv4';
  readonly type: number;
  readonly require: (rule: RuleState) => void;
}

/** `exthdr frag exists`, `frag id 5`. */
export function extensionHeader(value: JsonObject): Field {
  const name = textOf(value['name']) ?? '';
  const type = Object.hasOwn(extensionHeaders, name) ? extensionHeaders[name] : undefined;
  if (type === undefined) return notCompiled(`extension header ${describe(name)}`);
  const place: Place = { header: 'ipv6', type, require: (rule) => rule.requireNetwork('ip6') };
  return optionField(place, value, (field) => extensionFields[`${name} ${field}`]);
}

/** `tcp option maxseg size 1460`, `tcp option sack-perm exists`. */
export function tcpOption(value: JsonObject): Field {
  const name = textOf(value['name']) ?? '';
  const type = Object.hasOwn(tcpOptions, name) ? tcpOptions[name] : undefined;
  if (type === undefined) return notCompiled(`TCP option ${describe(name)}`);
  return optionField({ header: 'tcp', type, require: needsNothing }, value, (field) => tcpOptionFields[`${name} ${field}`]);
}

/** `ip option rr exists`. */
export function ipOption(value: JsonObject): Field {
  const name = textOf(value['name']) ?? '';
  const type = Object.hasOwn(ipOptions, name) ? ipOptions[name] : undefined;
  if (type === undefined) return notCompiled(`IP option ${describe(name)}`);
  return optionField({ header: 'ipv4', type, require: (rule) => rule.requireNetwork('ip') }, value, () => undefined);
}

type Row = readonly [offset: number, type: DataType] | undefined;

/** Without a field: whether the header or option is there. */
function optionField({ header, type, require }: Place, value: JsonObject, rowOf: (field: string) => Row): Field {
  const name = textOf(value['field']);
  if (name === null) {
    return {
      type: typed('boolean'),
      width: 1,
      shift: 0,
      mask: null,
      require,
      load: (to) => [{ kind: 'exthdr', header, type, offset: 0, length: 1, present: true, to }],
      place: null,
    };
  }
  const row = rowOf(name);
  if (row === undefined) return notCompiled(`field ${describe(name)} of an option`);
  const offset = Math.floor(row[0] / 8);
  const width = Math.ceil((row[0] + row[1].bits) / 8) - offset;
  const shift = (offset + width) * 8 - row[0] - row[1].bits;
  const mask = row[1].bits === width * 8 ? null : bytesOf(((1n << BigInt(row[1].bits)) - 1n) << BigInt(shift), width, 'network');
  return {
    type: row[1],
    width,
    shift,
    mask,
    require,
    load: (to) => [{ kind: 'exthdr', header, type, offset, length: width, present: false, to }],
    place: null,
  };
}

import { isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from '../../json-fields.ts';
import { duration, plain, type Style, styleOf, word } from './style.ts';

/** From the weakest to the strongest, as in C. */
const binary = ['|', '^', '&', '<<', '>>'];

/** Keys of `meta` that stand for themselves (meta_key_is_unqualified). */
const bareMeta: ReadonlySet<string> = new Set(['iif', 'oif', 'iifname', 'oifname', 'iifgroup', 'oifgroup']);

/** An operand in nft's own words. */
export function expression(given: unknown, style: Style = plain): string {
  if (Array.isArray(given)) return given.map((each) => expression(each, style)).join(',');
  if (!isObject(given)) return word(given, style);
  const [[name = '', value] = []] = Object.entries(given);
  if (binary.includes(name)) return operation(name, listOf(value), style);
  return named(name, value, { fields: objectOf(value), style });
}

function operation(name: string, operands: readonly unknown[], style: Style): string {
  const own = style.kind === 'plain' ? styleOf(operands[0]) : style;
  return operands
    .map((each) => {
      const text = expression(each, own);
      const inner = isObject(each) ? binary.indexOf(Object.keys(each)[0] ?? '') : -1;
      return inner >= 0 && inner < binary.indexOf(name) ? `(${text})` : text;
    })
    .join(` ${name} `);
}

function named(name: string, value: unknown, { fields, style }: { readonly fields: JsonObject; readonly style: Style }): string {
  switch (name) {
    case 'payload':
      return 'base' in fields ? rawPayload(fields) : `${word(fields['protocol'])} ${word(fields['field'])}`;
    case 'meta':
      return bareMeta.has(textOf(fields['key']) ?? '') ? word(fields['key']) : `meta ${word(fields['key'])}`;
    case 'ct':
      return spaced('ct', fields['dir'], fields['family'], fields['key']);
    case 'rt':
      return spaced('rt', fields['family'], fields['key']);
    case 'exthdr':
      return 'field' in fields ? spaced(fields['name'], fields['field']) : spaced('exthdr', fields['name']);
    case 'tcp option':
    case 'ip option':
    case 'sctp chunk':
      return 'base' in fields
        ? `${name} @${word(fields['base'])},${word(fields['offset'])},${word(fields['len'])}`
        : spaced(name, fields['name'], fields['field']);
    case 'prefix':
      return `${expression(fields['addr'], style)}/${word(fields['len'])}`;
    case 'range':
      return listOf(value)
        .map((each) => expression(each, style))
        .join('-');
    case 'concat':
      return listOf(value)
        .map((each, i) => expression(each, style.parts?.[i]))
        .join(' . ');
    case 'set':
      return `{ ${listOf(value)
        .map((each) => element(each, style, plain))
        .join(', ')} }`;
    case 'map':
    case 'vmap':
      return `${expression(fields['key'])} map ${mapping(fields, style)}`;
    case 'elem':
      return elementWith(fields, style);
    case 'fib':
      return `fib ${listOf(fields['flags'])
        .map((each) => word(each))
        .join(' . ')} ${word(fields['result'])}`;
    case 'numgen':
      return spaced('numgen', fields['mode'], ...modulus(fields));
    case 'jhash':
      return spaced('jhash', expression(fields['expr']), ...modulus(fields));
    case 'symhash':
      return spaced('symhash', ...modulus(fields));
    case 'socket':
      return spaced('socket', fields['key'], ...('level' in fields ? ['level', fields['level']] : []));
    case 'osf':
      return spaced('osf', ...('ttl' in fields ? ['ttl', fields['ttl']] : []), fields['key']);
    case 'ipsec':
      return spaced(
        'ipsec',
        fields['dir'],
        ...(numberOf(fields['spnum']) ? ['spnum', fields['spnum']] : []),
        fields['family'],
        fields['key'],
      );
    case 'accept':
    case 'drop':
    case 'continue':
    case 'return':
      return name;
    case 'jump':
    case 'goto':
      return `${name} ${word(fields['target'])}`;
    default:
      return spaced(name, ...(isObject(value) ? Object.entries(fields).flatMap(([key, each]) => [key, expression(each)]) : [value]));
  }
}

/** `@m`, or `{ KEY : DATA, ... }`. */
export function mapping({ key, data }: JsonObject, dataStyle: Style): string {
  if (!isObject(data)) return word(data);
  const keys = styleOf(key);
  return `{ ${listOf(data['set'])
    .map((each) => element(each, keys, dataStyle))
    .join(', ')} }`;
}

function element(given: unknown, style: Style, dataStyle: Style): string {
  return Array.isArray(given) && given.length === 2
    ? `${expression(given[0], style)} : ${expression(given[1], dataStyle)}`
    : expression(given, style);
}

/** An element of a set with what it carries: a timeout, a comment, statements. */
export function elementWith(fields: JsonObject, style: Style): string {
  const { val, timeout, expires, comment, ...statements } = fields;
  return spaced(
    expression(val, style),
    ...(numberOf(timeout) === null ? [] : ['timeout', duration(timeout as number)]),
    ...(numberOf(expires) === null ? [] : ['expires', duration(expires as number)]),
    ...Object.entries(statements).map(([name, each]) => (name === 'counter' ? counterText(objectOf(each)) : expression({ [name]: each }))),
    ...(typeof comment === 'string' ? [`comment "${comment}"`] : []),
  );
}

export function counterText({ packets, bytes }: JsonObject): string {
  return `counter packets ${word(packets)} bytes ${word(bytes)}`;
}

function rawPayload({ base, offset, len }: JsonObject): string {
  return `@${word(base)},${word(offset)},${word(len)}`;
}

function modulus({ mod, seed, offset }: JsonObject): readonly unknown[] {
  const seeded = numberOf(seed) === null ? [] : ['seed', `0x${(seed as number).toString(16)}`];
  return ['mod', mod, ...seeded, ...(numberOf(offset) ? ['offset', offset] : [])];
}

/** Those that are there, with a space between. */
export function spaced(...words: readonly unknown[]): string {
  return words
    .map((each) => word(each))
    .filter((each) => each !== '')
    .join(' ');
}

import { isObject, type JsonObject, listOf, objectOf, textOf } from '../json-fields.ts';

/** A rule of nft's JSON in the words of `nft list ruleset`, for people; nothing reads it again. */
export function renderRule(statements: readonly unknown[], comment: string | null): string {
  const words = statements.map(statement);
  return [...words, ...(comment === null ? [] : [`comment "${comment}"`])].join(' ');
}

const bare = new Set(['accept', 'drop', 'continue', 'return', 'notrack', 'masquerade', 'redirect', 'reject', 'log', 'queue', 'last']);

function statement(given: unknown): string {
  if (!isObject(given)) return word(given);
  const [[name = '', value] = []] = Object.entries(given);
  const fields = objectOf(value);
  switch (name) {
    case 'match':
      return [expression(fields['left']), operator(fields['op']), expression(fields['right'])].filter((part) => part !== '').join(' ');
    case 'vmap':
      return `${expression(fields['key'])} vmap ${expression(fields['data'])}`;
    case 'mangle':
      return `${expression(fields['key'])} set ${expression(fields['value'])}`;
    case 'jump':
    case 'goto':
      return `${name} ${word(fields['target'])}`;
    case 'set':
    case 'map':
      return `${word(fields['op'])} ${word(fields[name])} { ${expression(fields['elem'])} }`;
    case 'counter':
      return isObject(value) ? `counter packets ${word(fields['packets'])} bytes ${word(fields['bytes'])}` : named(name, value);
    case 'xt':
      return `xt ${word(fields['type'])} "${word(fields['name'])}"`;
    default:
      return bare.has(name) && value === null ? name : named(name, value);
  }
}

/** `==` is not written, and bits need no operator. */
function operator(op: unknown): string {
  return op === '==' || op === 'in' || op === 'implicit' ? '' : word(op);
}

function named(name: string, value: unknown): string {
  if (!isObject(value)) return value === null ? name : `${name} ${word(value)}`;
  const parts = Object.entries(value).map(([key, each]) => (key === 'addr' ? `to ${expression(each)}` : `${key} ${expression(each)}`));
  return [name, ...parts].join(' ');
}

function expression(given: unknown): string {
  if (Array.isArray(given)) return given.map(expression).join(',');
  if (!isObject(given)) return word(given);
  const [[name = '', value] = []] = Object.entries(given);
  if (['&', '|', '^', '<<', '>>'].includes(name)) return listOf(value).map(expression).join(` ${name} `);
  const fields = objectOf(value);
  return named2(name, value, fields);
}

function named2(name: string, value: unknown, fields: JsonObject): string {
  switch (name) {
    case 'payload':
      return 'base' in fields
        ? `@${word(fields['base'])},${word(fields['offset'])},${word(fields['len'])}`
        : `${word(fields['protocol'])} ${word(fields['field'])}`;
    case 'meta':
      return `meta ${word(fields['key'])}`;
    case 'ct':
      return ['ct', textOf(fields['dir']), word(fields['key'])].filter((part) => part !== null).join(' ');
    case 'prefix':
      return `${word(fields['addr'])}/${word(fields['len'])}`;
    case 'range':
      return listOf(value).map(expression).join('-');
    case 'concat':
      return listOf(value).map(expression).join(' . ');
    case 'set':
      return `{ ${listOf(value).map(element).join(', ')} }`;
    case 'map':
      return `${expression(fields['key'])} map ${expression(fields['data'])}`;
    case 'elem':
      return expression(fields['val']);
    case 'fib':
      return `fib ${listOf(fields['flags']).map(word).join(' . ')} ${word(fields['result'])}`;
    case 'accept':
    case 'drop':
    case 'continue':
    case 'return':
      return name;
    case 'jump':
    case 'goto':
      return `${name} ${word(fields['target'])}`;
    default:
      return named(name, value);
  }
}

function element(given: unknown): string {
  return Array.isArray(given) && given.length === 2 ? `${expression(given[0])} : ${expression(given[1])}` : expression(given);
}

function word(given: unknown): string {
  return given === undefined || given === null ? '' : isObject(given) ? '...' : String(given);
}

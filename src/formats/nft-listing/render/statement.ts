import { isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from '../../json-fields.ts';
import { counterText, elementWith, expression, mapping, spaced } from './expression.ts';
import { plain, styleOf, word } from './style.ts';
import { natStatement } from './translation.ts';

/** Named objects of a table: `counter name "web"`, `ct helper set "ftp"`. */
const setByName: ReadonlySet<string> = new Set(['ct helper', 'ct timeout', 'ct expectation']);

/** One statement of a rule in nft's own words. */
export function statement(given: unknown): string {
  if (!isObject(given)) return word(given);
  const [[name = '', value] = []] = Object.entries(given);
  if (setByName.has(name)) return `${name} set "${word(value)}"`;
  const fields = objectOf(value);
  switch (name) {
    case 'match':
      return match(fields);
    case 'vmap':
      return `${expression(fields['key'])} vmap ${mapping(fields, plain)}`;
    case 'mangle':
      return `${expression(fields['key'])} set ${expression(fields['value'], styleOf(fields['key']))}`;
    case 'jump':
    case 'goto':
      return `${name} ${word(fields['target'])}`;
    case 'set':
    case 'map':
      return update(name, fields);
    case 'counter':
      return isObject(value) ? counterText(fields) : byName(name, value);
    case 'limit':
      return isObject(value) ? limit(fields) : byName(name, value);
    case 'quota':
      return isObject(value) ? quota(fields) : byName(name, value);
    case 'ct count':
      return spaced('ct count', fields['inv'] === true ? 'over' : '', fields['val']);
    case 'log':
      return log(fields);
    case 'reject':
      return reject(fields);
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
    case 'tproxy':
    case 'dup':
    case 'fwd':
      return natStatement(name, fields);
    case 'queue':
      return queue(fields);
    case 'flow':
      return spaced('flow', fields['op'], fields['flowtable']);
    case 'synproxy':
      return isObject(value) ? synproxy(fields) : byName(name, value);
    case 'secmark':
      return `meta secmark set "${word(value)}"`;
    case 'xt':
      return `xt ${word(fields['type'])} "${word(fields['name'])}"`;
    default:
      return expression(given);
  }
}

/** `==` is written after bit operations only, and `in` never. Flags of a mask are written as `tcp flags syn / syn,ack`. */
function match({ left, op, right }: JsonObject): string {
  const flags = flagsOf(left);
  const negated = op === '!=' ? '!=' : '';
  if (flags !== null && (op === '==' || op === '!='))
    return [expression(flags.of), negated, `${expression(right)} / ${expression(flags.mask)}`].filter((part) => part !== '').join(' ');
  const computed = isObject(left) && /^[&|^]$|^<<$|^>>$/.test(Object.keys(left)[0] ?? '');
  const operator = op === 'in' || op === 'implicit' || (op === '==' && !computed) ? '' : word(op);
  return [expression(left), operator, expression(right, styleOf(left))].filter((part) => part !== '').join(' ');
}

function flagsOf(left: unknown): { readonly of: unknown; readonly mask: unknown } | null {
  const [of, mask] = listOf(objectOf(left)['&']);
  const isFlags =
    textOf(objectOf(objectOf(of)['payload'])['field']) === 'flags' ||
    ['state', 'status'].includes(textOf(objectOf(objectOf(of)['ct'])['key']) ?? '');
  const isNamed = Array.isArray(mask) || typeof mask === 'string' || '|' in objectOf(mask);
  return isFlags && isNamed ? { of, mask: '|' in objectOf(mask) ? listOf(objectOf(mask)['|']) : mask } : null;
}

/** `add @s { ip saddr timeout 1m }`, `update @m { ip saddr : tcp dport }`. */
function update(name: 'set' | 'map', fields: JsonObject): string {
  const { op, elem, data, stmt } = fields;
  const key = isObject(elem) && 'elem' in elem ? elementWith(objectOf(elem['elem']), plain) : expression(elem);
  const more = listOf(stmt).map(statement);
  const value = data === undefined ? '' : ` : ${expression(data)}`;
  return `${word(op)} ${word(fields[name])} { ${[key, ...more].join(' ')}${value} }`;
}

function byName(name: string, value: unknown): string {
  return value === null ? name : `${name} name "${word(value)}"`;
}

/** Bursts of 5 packets and of no bytes are what nft does not write. */
function limit({ rate, rate_unit: rateUnit, per, burst, burst_unit: burstUnit, inv }: JsonObject): string {
  const unit = textOf(rateUnit) ?? 'packets';
  const speed = unit === 'packets' ? `${word(rate)}/${word(per)}` : `${word(rate)} ${unit}/${word(per)}`;
  const usual = unit === 'packets' ? 5 : 0;
  const count = numberOf(burst);
  const size = count === null || count === usual ? '' : `burst ${count} ${textOf(burstUnit) ?? 'packets'}`;
  return spaced('limit rate', inv === true ? 'over' : '', speed, size);
}

function quota({ val, val_unit: unit, used, used_unit: usedUnit, inv }: JsonObject): string {
  const spent = numberOf(used) ? ['used', used, usedUnit ?? 'bytes'] : [];
  return spaced('quota', inv === true ? 'over' : '', val, unit ?? 'bytes', ...spent);
}

function log({ prefix, group, snaplen, 'queue-threshold': threshold, level, flags }: JsonObject): string {
  const all = flags === undefined ? [] : Array.isArray(flags) ? flags : [flags];
  const options = [group === undefined ? [] : ['group', group], snaplen === undefined ? [] : ['snaplen', snaplen]].flat();
  const tcp = all.filter((flag) => flag === 'tcp sequence' || flag === 'tcp options').map((flag) => String(flag).slice(4));
  const others = all.filter((flag) => flag !== 'tcp sequence' && flag !== 'tcp options');
  return spaced(
    'log',
    typeof prefix === 'string' ? `prefix "${prefix}"` : '',
    ...options,
    ...(threshold === undefined ? [] : ['queue-threshold', threshold]),
    ...(level === undefined ? [] : ['level', level]),
    ...(tcp.length === 0 ? [] : ['flags tcp', tcp.join(',')]),
    ...others.flatMap((flag) => ['flags', flag]),
  );
}

function reject({ type, expr }: JsonObject): string {
  // What nft sends where nothing else is asked for.
  if (type === undefined || expr === 'port-unreachable') return 'reject';
  return type === 'tcp reset' ? 'reject with tcp reset' : spaced('reject with', type, expression(expr));
}

function queue({ num, flags }: JsonObject): string {
  const all = flags === undefined ? [] : Array.isArray(flags) ? flags : [flags];
  return spaced('queue', all.length === 0 ? '' : `flags ${all.join(',')}`, num === undefined ? '' : `to ${expression(num)}`);
}

function synproxy({ mss, wscale, flags }: JsonObject): string {
  const all = flags === undefined ? [] : Array.isArray(flags) ? flags : [flags];
  const words = [mss === undefined ? [] : ['mss', mss], wscale === undefined ? [] : ['wscale', wscale]].flat();
  return spaced('synproxy', ...words, ...all);
}

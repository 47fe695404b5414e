import { notCompiled } from '../nft-listing/not-compiled.ts';
import { secondsOf } from '../nft-listing/values.ts';
import { shown } from '../shown.ts';
import { parseTranslation } from './address-translation.ts';
import { parseExpression, parseReference, startsField } from './expressions.ts';
import { parseLimit, parseQuota } from './rates.ts';
import { parseSet, parseValue, wordValue } from './values.ts';
import type { Words } from './words.ts';

type Parse = (words: Words) => unknown;
const plain =
  (name: string): Parse =>
  () => ({ [name]: null });

/** Statements by their first word, in the form of `nft -j`. */
const parsers: Readonly<Record<string, Parse>> = {
  accept: plain('accept'),
  drop: plain('drop'),
  continue: plain('continue'),
  return: plain('return'),
  notrack: plain('notrack'),
  jump: (words) => ({ jump: { target: words.take() } }),
  goto: (words) => ({ goto: { target: words.take() } }),
  counter: (words) => named(words, 'counter', () => ({ counter: parseCounter(words) })),
  limit: (words) => named(words, 'limit', () => ({ limit: parseLimit(words) })),
  quota: (words) => named(words, 'quota', () => ({ quota: parseQuota(words) })),
  log: (words) => ({ log: parseLog(words) }),
  reject: (words) => ({ reject: parseReject(words) }),
  dnat: (words) => parseTranslation(words, 'dnat'),
  snat: (words) => parseTranslation(words, 'snat'),
  masquerade: (words) => parseTranslation(words, 'masquerade'),
  redirect: (words) => parseTranslation(words, 'redirect'),
  tproxy: (words) => parseTranslation(words, 'tproxy'),
  queue: (words) => ({ queue: parseQueue(words) }),
  dup: (words) => ({ dup: parseDuplicate(words) }),
  fwd: (words) => ({ fwd: parseDuplicate(words) }),
  synproxy: (words) => named(words, 'synproxy', () => ({ synproxy: parseSynproxy(words) })),
  flow: (words) => ({ flow: { op: words.take(), flowtable: words.take() } }),
  add: (words) => parseUpdate(words, 'add'),
  update: (words) => parseUpdate(words, 'update'),
  delete: (words) => parseUpdate(words, 'delete'),
  ct: parseConntrack,
  xt: (words) => ({ xt: { type: words.take(), name: words.take() } }),
  last: parseLast,
};

export function parseStatement(words: Words): unknown {
  const { word } = words;
  const parse = Object.hasOwn(parsers, word) ? parsers[word] : undefined;
  if (parse !== undefined && !(word === 'ct' && isExpression(words))) {
    words.take();
    return parse(words);
  }
  return startsField(words) || word === '(' ? parseMatch(words) : notCompiled(`word '${shown(words.take())}'`);
}

/** `ct state new` begins a match; `ct count`, `ct helper set` do not. */
function isExpression(words: Words): boolean {
  const key = words.wordAt(1);
  if (key === 'count') return false;
  return !(['helper', 'timeout', 'expectation'].includes(key) && words.wordAt(2) === 'set');
}

function parseConntrack(words: Words): unknown {
  const key = words.take();
  if (key === 'count') {
    const inv = words.took('over');
    return { 'ct count': { val: words.number(), ...(inv && { inv }) } };
  }
  words.expect('set');
  return { [`ct ${key}`]: words.take() };
}

const operators = ['==', '!=', '<', '<=', '>', '>=', '!'];

function parseMatch(words: Words): unknown {
  const left = parseExpression(words);
  if (words.took('vmap')) return { vmap: { key: left, data: parseReference(words) } };
  if (words.took('set')) return { mangle: { key: left, value: parseAssigned(words) } };
  const op = operators.includes(words.word) ? words.take() : 'implicit';
  const right = parseRight(words);
  if (!words.took('/')) return { match: { op, left, right } };
  // `tcp flags syn / syn,ack`: the flags and, behind the slash, the mask.
  return { match: { op: op === 'implicit' ? '==' : op, left: { '&': [left, parseValue(words)] }, right } };
}

function parseRight(words: Words): unknown {
  if (words.word === '{') return parseSet(words);
  return words.word.startsWith('@') ? words.take() : parseValue(words);
}

function parseAssigned(words: Words): unknown {
  return startsField(words) || words.word === '(' ? parseExpression(words) : parseValue(words);
}

/** `counter name "c1"`, or the name from a map. */
function named(words: Words, type: string, otherwise: () => unknown): unknown {
  if (!words.took('name')) return otherwise();
  if (startsField(words)) return { [type]: parseExpression(words) };
  return { [type]: words.take() };
}

function parseCounter(words: Words): unknown {
  if (!words.took('packets')) return null;
  const packets = words.number();
  words.expect('bytes');
  return { packets, bytes: words.number() };
}

function parseLog(words: Words): unknown {
  const options: Record<string, unknown> = {};
  for (;;) {
    const { word } = words;
    if (word === 'prefix' || word === 'level') options[words.take()] = words.take();
    else if (word === 'group' || word === 'snaplen' || word === 'queue-threshold') options[words.take()] = words.number();
    else if (words.took('flags')) options['flags'] = parseLogFlags(words);
    else return Object.keys(options).length === 0 ? null : options;
  }
}

/** `all`, `tcp sequence,options`, `ip options`, `skuid`, `ether`. */
function parseLogFlags(words: Words): unknown {
  const first = words.take();
  if (first !== 'tcp' && first !== 'ip') return first;
  const flags = [`${first} ${words.take()}`];
  while (words.took(',')) flags.push(`${first} ${words.take()}`);
  return flags.length === 1 ? flags[0] : flags;
}

function parseReject(words: Words): unknown {
  if (!words.took('with')) return null;
  const type = words.take();
  if (type === 'tcp') {
    words.expect('reset');
    return { type: 'tcp reset' };
  }
  words.took('type');
  return { type, expr: wordValue(words.take()) };
}

function parseQueue(words: Words): unknown {
  const flags: string[] = [];
  const takeFlags = (): void => {
    do flags.push(words.take());
    while (words.took(','));
  };
  if (words.took('flags')) takeFlags();
  let num: unknown;
  if (words.took('num', 'to')) num = startsField(words) ? parseExpression(words) : parseValue(words);
  if (words.word === 'bypass' || words.word === 'fanout') takeFlags();
  return { ...(num !== undefined && { num }), ...(flags.length > 0 && { flags }) };
}

function parseDuplicate(words: Words): unknown {
  words.took('to');
  const addr = startsField(words) ? parseExpression(words) : parseValue(words);
  return words.took('device') ? { addr, dev: words.take() } : { addr };
}

function parseSynproxy(words: Words): unknown {
  const options: Record<string, unknown> = {};
  while (['mss', 'wscale', 'timestamp', 'sack-perm'].includes(words.word)) {
    const option = words.take();
    options[option] = option === 'mss' || option === 'wscale' ? words.number() : true;
  }
  return options;
}

/** `update @NAME { ip saddr timeout 10s limit rate 5/second : 5 }`. */
function parseUpdate(words: Words, op: string): unknown {
  const set = words.take();
  if (!set.startsWith('@')) return notCompiled(`'${shown(set)}' where a set belongs`);
  words.expect('{');
  const val = parseExpression(words);
  const timeout = words.took('timeout') ? (secondsOf(words.take()) ?? notCompiled('timeout')) : null;
  if (words.took('expires')) words.take();
  const stmt: unknown[] = [];
  while (words.word !== '}' && words.word !== ':' && !words.ended) stmt.push(words.statement());
  const data = words.took(':') ? parseAssigned(words) : undefined;
  words.expect('}');
  const elem = timeout === null ? val : { elem: { val, timeout } };
  const rest = stmt.length === 0 ? {} : { stmt };
  return data === undefined ? { set: { op, elem, set, ...rest } } : { map: { op, elem, data, map: set, ...rest } };
}

/** `last used never`, `last used 5s`. */
function parseLast(words: Words): unknown {
  if (words.took('used')) words.take();
  return { last: null };
}

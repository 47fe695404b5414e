import { metaTypes } from '../nft-listing/keys.ts';
import { notCompiled } from '../nft-listing/not-compiled.ts';
import { payloadField } from '../nft-listing/payload-fields.ts';
import { shown } from '../shown.ts';
import { parseSet, parseValue, wordValue } from './values.ts';
import type { Words } from './words.ts';

const binary: Readonly<Record<string, string>> = {
  '&': '&',
  and: '&',
  '|': '|',
  or: '|',
  '^': '^',
  xor: '^',
  '<<': '<<',
  lshift: '<<',
  '>>': '>>',
  rshift: '>>',
};

/** Headers of packets by the word that a field of theirs begins with; `vlan` and others are read and not compiled. */
const headers = 'ether vlan arp ip ip6 tcp udp udplite sctp dccp th ah esp comp icmp icmpv6 igmp gre'.split(' ');
const extensions = 'hbh rt rt0 rt2 srh frag dst mh'.split(' ');

/** Keys that older versions, and translations of iptables, print without `meta`. */
const bareMeta = Object.keys(metaTypes).filter((key) => !['length', 'protocol', 'priority', 'random', 'time', 'day', 'hour'].includes(key));

/** A field, a concatenation of fields, or either with a map behind it: `ip daddr . tcp dport map @m`. */
export function parseExpression(words: Words): unknown {
  const first = parseMasked(words);
  const parts = [first];
  while (words.took('.')) parts.push(parseMasked(words));
  const key = parts.length === 1 ? first : { concat: parts };
  return words.took('map') ? { map: { key, data: parseReference(words) } } : key;
}

/** `@NAME` or `{ ... }`. */
export function parseReference(words: Words): unknown {
  return words.word.startsWith('@') ? words.take() : parseSet(words);
}

/** `meta mark & 0xff | 0x10`, joined from the left. */
function parseMasked(words: Words): unknown {
  let left = parseField(words);
  for (let operation = binary[words.word]; operation !== undefined; operation = binary[words.word]) {
    words.take();
    left = { [operation]: [left, parseOperand(words)] };
  }
  return left;
}

function parseOperand(words: Words): unknown {
  if (words.word === '(') return parseValue(words);
  return startsField(words) ? parseField(words) : wordValue(words.take());
}

/** Whether a field begins here, and no constant. */
export function startsField(words: Words): boolean {
  const { word } = words;
  if (words.isString) return false;
  if (word === 'ip' || word === 'ip6') return payloadField(word, words.wordAt(1)) !== null || words.wordAt(1) === 'option';
  if (headers.includes(word) || extensions.includes(word)) return /^[a-z]/.test(words.wordAt(1));
  return (
    ['meta', 'ct', 'fib', 'rt', 'socket', 'numgen', 'jhash', 'symhash', 'exthdr', 'osf'].includes(word) ||
    bareMeta.includes(word) ||
    isRaw(word)
  );
}

function isRaw(word: string): boolean {
  return /^@[a-z]{2},\d+,\d+$/.test(word);
}

function parseField(words: Words): unknown {
  if (words.took('(')) {
    const inner = words.nested(() => parseMasked(words));
    words.expect(')');
    return inner;
  }
  const word = words.take();
  if (isRaw(word)) return rawPayload(word);
  if (headers.includes(word) && words.took('option')) return { [`${word} option`]: optionAt(words) };
  if (word === 'sctp' && words.took('chunk')) return { 'sctp chunk': optionAt(words) };
  const parse = Object.hasOwn(parsers, word) ? parsers[word] : undefined;
  if (parse !== undefined) return parse(words);
  if (headers.includes(word)) return { payload: { protocol: word, field: words.take() } };
  if (extensions.includes(word)) return { exthdr: { name: word, field: words.take() } };
  return bareMeta.includes(word) ? { meta: { key: word } } : notCompiled(`word '${shown(word)}'`);
}

function rawPayload(word: string): unknown {
  const [base, offset, len] = word.slice(1).split(',');
  return { payload: { base, offset: Number(offset), len: Number(len) } };
}

const optionFields = [
  'kind',
  'length',
  'size',
  'count',
  'left',
  'right',
  'tsval',
  'tsecr',
  'ptr',
  'type',
  'value',
  'addr',
  'subtype',
  'flags',
];

/** `maxseg size`, `sack-perm` (whether it is there). */
function optionAt(words: Words): unknown {
  const name = words.take();
  return optionFields.includes(words.word) ? { name, field: words.take() } : { name };
}

const parsers: Readonly<Record<string, (words: Words) => unknown>> = {
  meta: (words) => ({ meta: { key: words.take() } }),
  ct: parseConntrack,
  fib: parseFib,
  rt: parseRoute,
  socket: parseSocket,
  numgen: (words) => ({ numgen: { mode: words.take(), ...parseModulus(words) } }),
  jhash: (words) => ({ jhash: { expr: parseExpression(words), ...parseModulus(words) } }),
  symhash: (words) => ({ symhash: parseModulus(words) }),
  exthdr: (words) => ({ exthdr: { name: words.take() } }),
};

function parseConntrack(words: Words): unknown {
  const dir = words.word === 'original' || words.word === 'reply' ? { dir: words.take() } : {};
  const family = (words.word === 'ip' || words.word === 'ip6') && 'dir' in dir ? `${words.take()} ` : '';
  return { ct: { key: `${family}${words.take()}`, ...dir } };
}

/** `fib saddr . iif oif`. */
function parseFib(words: Words): unknown {
  const flags = [words.take()];
  while (words.took('.')) flags.push(words.take());
  return { fib: { flags, result: words.take() } };
}

/** `rt nexthop`, `rt ip nexthop`; and of the routing header of IPv6, `rt type`. */
function parseRoute(words: Words): unknown {
  if (words.word === 'ip' || words.word === 'ip6') return { rt: { family: words.take(), key: words.take() } };
  const key = words.take();
  return ['classid', 'nexthop', 'mtu', 'ipsec'].includes(key) ? { rt: { key } } : { exthdr: { name: 'rt', field: key } };
}

function parseSocket(words: Words): unknown {
  const key = words.take();
  return { socket: words.took('level') ? { key, level: words.number() } : { key } };
}

/** `mod 5 seed 0x1 offset 10`. */
function parseModulus(words: Words): Readonly<Record<string, unknown>> {
  words.expect('mod');
  const found: Record<string, unknown> = { mod: words.number() };
  while (words.word === 'seed' || words.word === 'offset') found[words.take()] = wordValue(words.take());
  return found;
}

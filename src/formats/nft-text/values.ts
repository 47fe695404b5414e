import { notCompiled } from '../nft-listing/not-compiled.ts';
import { secondsOf } from '../nft-listing/values.ts';
import type { Words } from './words.ts';

const number = /^(0x[0-9a-fA-F]{1,16}|\d{1,15})$/;
/** Numbers, addresses, durations: what stands at the ends of a range. */
const end = '(?:0x[0-9a-fA-F]+|[\\d.]+|[\\da-fA-F]*:[\\da-fA-F:.]*|(?:\\d+(?:ms|[wdhms]))+)';
const range = new RegExp(`^(${end})-(${end})$`);
const prefix = /^([\d.]+|[\da-fA-F]*:[\da-fA-F:.]*)\/(\d{1,3})$/;

/** One word as `nft -j` has it: number, text, prefix or range. */
export function wordValue(word: string): unknown {
  if (number.test(word)) return Number(word);
  if (word === 'exists') return true;
  if (word === 'missing') return false;
  const addressed = prefix.exec(word);
  if (addressed !== null) return { prefix: { addr: addressed[1], len: Number(addressed[2]) } };
  const ends = word.length < 200 ? range.exec(word) : null;
  return ends === null ? word : { range: [wordValue(ends[1] as string), wordValue(ends[2] as string)] };
}

/** A constant: one value, a range of quoted words, flags joined by `,` or `|`, or a concatenation. */
export function parseValue(words: Words): unknown {
  const first = parseSimple(words);
  if (words.word === '.') return { concat: [first, ...repeated(words, '.')] };
  if (words.word === ',') return [first, ...repeated(words, ',')];
  if (words.word === '|') return { '|': [first, ...repeated(words, '|')] };
  return first;
}

function repeated(words: Words, separator: string): readonly unknown[] {
  const values: unknown[] = [];
  while (words.took(separator)) values.push(parseSimple(words));
  return values;
}

function parseSimple(words: Words): unknown {
  if (words.took('(')) {
    const inner = words.nested(() => parseValue(words));
    words.expect(')');
    return inner;
  }
  const quoted = words.isString;
  const text = words.take();
  if (!quoted && '{},)'.includes(text)) return notCompiled(`'${text}' where a value belongs`);
  const value = quoted ? text : wordValue(text);
  if (!words.took('-')) return value;
  const last = words.take();
  return { range: [value, quoted ? last : wordValue(last)] };
}

/** `{ 22, 80-90 }`, or of a map `{ 80 : accept }`. */
export function parseSet(words: Words): { readonly set: readonly unknown[] } {
  words.expect('{');
  const set: unknown[] = [];
  while (!words.took('}')) {
    set.push(words.nested(() => parseElement(words)));
    if (!words.took(',') && words.word !== '}') return notCompiled(`'${words.word}' in a set`);
  }
  return { set };
}

function parseElement(words: Words): unknown {
  const key = parseElementValue(words);
  const options = parseOptions(words);
  const element = Object.keys(options).length === 0 ? key : { elem: { val: key, ...options } };
  return words.took(':') ? [element, parseData(words)] : element;
}

/** Elements are separated by `,`, so that flags in them are joined by `|`. */
function parseElementValue(words: Words): unknown {
  const first = parseSimple(words);
  if (words.word === '.') return { concat: [first, ...repeated(words, '.')] };
  return words.word === '|' ? { '|': [first, ...repeated(words, '|')] } : first;
}

const statements = ['counter', 'limit', 'quota', 'ct', 'last'];

function parseOptions(words: Words): Readonly<Record<string, unknown>> {
  const options: Record<string, unknown> = {};
  for (;;) {
    const { word } = words;
    if (word === 'timeout' || word === 'expires') {
      words.take();
      options[word] = secondsOf(words.take()) ?? notCompiled(`time after ${word}`);
    } else if (word === 'comment') {
      words.take();
      options['comment'] = words.take();
    } else if (statements.includes(word)) Object.assign(options, words.statement());
    else return options;
  }
}

const verdicts = ['accept', 'drop', 'continue', 'return', 'jump', 'goto', 'queue'];

function parseData(words: Words): unknown {
  return verdicts.includes(words.word) ? words.statement() : parseElementValue(words);
}

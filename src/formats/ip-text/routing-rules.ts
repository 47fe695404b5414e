import { type Entry, type Fault, wordsOf } from './each-line.ts';

const actions = ['blackhole', 'prohibit', 'unreachable', 'nop', 'masquerade'];
/** Words with a value that `ip -j` has under the same or another name. */
const selectors: Readonly<Record<string, string>> = {
  lookup: 'table',
  table: 'table',
  oif: 'oif',
  tos: 'tos',
  dsfield: 'tos',
  ipproto: 'ipproto',
  proto: 'protocol',
  tun_id: 'tun_id',
  realms: 'realms',
  suppress_ifgroup: 'suppress_ifgroup',
};

/** `ip rule`: `50:	from 10.0.0.0/8 fwmark 0x1/0xff lookup 100`. */
export function readRuleLines(lines: readonly string[]): readonly Entry[] | Fault {
  const entries: Entry[] = [];
  for (const [i, text] of lines.entries()) {
    if (text.trim() === '') continue;
    const parts = /^(\d+):\s+(.*)$/.exec(text);
    const fields = parts === null ? null : fieldsOf(wordsOf(parts[2] as string));
    if (fields === null) return { line: i + 1, expected: "a routing rule, as 'ip rule' prints it" };
    entries.push({ object: { priority: Number(parts?.[1]), ...fields }, line: i + 1, text });
  }
  return entries;
}

/** In the order of `ip -j`, so that what is not modelled reads the same. Null where a word has no known place. */
function fieldsOf(words: readonly string[]): Record<string, unknown> | null {
  const found: Record<string, unknown> = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const value = words[i + 1];
    if (word === 'not') found['not'] = null;
    else if (word === '[detached]') continue;
    else if (actions.includes(word)) found['action'] = word;
    else if (word === 'l3mdev' || word === 'unresolved') found[word] = null;
    else if (value === undefined) return null;
    else Object.assign(found, pair(word, words[++i] as string) ?? { bad: word });
    if (word === 'iif' && words[i + 1] === '[detached]') found['iif_detached'] = null;
    if (word === 'oif' && words[i + 1] === '[detached]') found['oif_detached'] = null;
  }
  return 'bad' in found ? null : found;
}

function pair(word: string, value: string): Record<string, unknown> | null {
  switch (word) {
    case 'from':
      return block('src', value);
    case 'to':
      return block('dst', value);
    case 'fwmark': {
      const [mark, mask] = value.split('/');
      return { fwmark: mark, ...(mask !== undefined && { fwmask: mask }) };
    }
    case 'iif':
      return { iif: value };
    case 'goto':
      return { goto: Number(value) };
    case 'uidrange': {
      const [first, last] = value.split('-').map(Number);
      return { uid_start: first, uid_end: last };
    }
    case 'sport':
    case 'dport': {
      const [first, last] = value.split('-').map(Number);
      return last === undefined ? { [word]: first } : { [`${word}_start`]: first, [`${word}_end`]: last };
    }
    case 'suppress_prefixlength':
      return { suppress_prefixlen: Number(value) };
    default:
      return Object.hasOwn(selectors, word) ? { [selectors[word] as string]: value } : null;
  }
}

function block(key: 'src' | 'dst', value: string): Record<string, unknown> {
  const [address, bits] = value.split('/');
  return { [key]: address, ...(bits !== undefined && { [`${key}len`]: Number(bits) }) };
}

import type { JsonObject } from '../json-fields.ts';
import { type Entry, type Fault, wordsOf } from './each-line.ts';

const types = ['unicast', 'local', 'broadcast', 'multicast', 'anycast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'nat', 'xresolve'];
/** Words that stand alone: RTNH_F_* and RTM_F_*. */
const flags = [
  'onlink',
  'linkdown',
  'dead',
  'pervasive',
  'offload',
  'offload_failed',
  'trap',
  'rt_offload',
  'rt_trap',
  'rt_offload_failed',
  'unresolved',
  'notify',
  'cloned',
];
/** Words with a value, and the JSON's name of it. */
const values: Readonly<Record<string, string>> = {
  dev: 'dev',
  table: 'table',
  proto: 'protocol',
  scope: 'scope',
  src: 'prefsrc',
  tos: 'tos',
  dsfield: 'tos',
  from: 'from',
  pref: 'pref',
  weight: 'weight',
  nhid: 'nhid',
  expires: 'expires',
  error: 'error',
  realm: 'realm',
  realms: 'realm',
  iif: 'iif',
};
const numbers = new Set(['metric', 'weight', 'nhid']);
/** RTAX_*: they change no decision. */
const metrics = new Set(
  'mtu advmss window rtt rttvar ssthresh cwnd initcwnd initrwnd hoplimit features quickack congctl rto_min reordering fastopen_no_cookie'.split(
    ' ',
  ),
);

/** `ip route`, each route in one line, with `nexthop` lines behind it. */
export function readRouteLines(lines: readonly string[]): readonly Entry[] | Fault {
  const entries: { object: Record<string, unknown>; hops: JsonObject[]; line: number; text: string }[] = [];
  for (const [i, text] of lines.entries()) {
    const words = wordsOf(text);
    if (words.length === 0) continue;
    const fields = words[0] === 'nexthop' ? fieldsOf(words.slice(1)) : routeOf(words);
    if (fields === null) return { line: i + 1, expected: "a route, as 'ip route' prints it" };
    if (words[0] !== 'nexthop') {
      entries.push({ object: fields, hops: [], line: i + 1, text });
      continue;
    }
    const route = entries.at(-1);
    if (route === undefined) return { line: i + 1, expected: 'a route before its next hops' };
    route.hops.push(fields);
    route.object['nexthops'] = route.hops;
  }
  return entries;
}

function routeOf(words: readonly string[]): Record<string, unknown> | null {
  const typed = types.includes(words[0] as string);
  const [dst, ...rest] = typed ? words.slice(1) : words;
  const fields = dst === undefined ? null : fieldsOf(rest);
  if (fields === null) return null;
  return { ...(typed && { type: words[0] }), dst, ...fields };
}

/** What stands behind the destination; null where a word has no known place. */
function fieldsOf(words: readonly string[]): Record<string, unknown> | null {
  const found: Record<string, unknown> = {};
  const set: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const value = words[i + 1];
    if (flags.includes(word)) set.push(word);
    else if (value === undefined) return null;
    else if (word === 'encap') return { ...found, encap: words[i + 1], ...tail(words.slice(i + 1)), flags: set };
    else if (word === 'via' && (value === 'inet6' || value === 'inet')) {
      found['via'] = { family: value, host: words[i + 2] };
      i += 2;
    } else if (word === 'via') found['gateway'] = words[++i];
    else if (word === 'metric') found['metric'] = Number(words[++i]);
    else if (metrics.has(word)) i += value === 'lock' ? 2 : 1;
    else if (Object.hasOwn(values, word)) found[values[word] as string] = numbers.has(word) ? Number(words[++i]) : words[++i];
    else return null;
  }
  return { ...found, flags: set };
}

/** An encapsulation has words of its own: what is known is looked for behind them. */
function tail(words: readonly string[]): Record<string, unknown> {
  const at = words.findIndex((word) => word === 'via' || word === 'dev');
  return at < 0 ? {} : (fieldsOf(words.slice(at)) ?? {});
}

import type { Match } from '#facts/rule.ts';
import { type Comparison, negation } from './comparison.ts';
import { type MatchPart, not } from './parts.ts';

/** The options of one `-m tcp` or `-m udp`: iptables prints them in this order, whatever the order of the bytecode. */
export interface TransportOptions {
  source: Option | null;
  destination: Option | null;
  flags: Option | null;
}

interface Option {
  readonly text: string;
  readonly match: Match;
}

type Module = 'tcp' | 'udp';

const numbers: Readonly<Record<number, Module>> = { 6: 'tcp', 17: 'udp' };
/** Of ports. iptables-nft writes `! --dport 0:9` as a comparison that is greater than 9, and prints that as `--dport 10:65535`. */
const highest = 0xffff;
/** Byte of struct tcphdr that holds the flags; lowest bit first. */
const flagsAt = 13;
const flagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] as const;

/** What iptables-nft writes as expressions of its own; other protocols' ports stand in xt blobs. */
export function transportModule(protocol: number): Module | null {
  return numbers[protocol] ?? null;
}

export function emptyOptions(): TransportOptions {
  return { source: null, destination: null, flags: null };
}

/** Adds what the comparison says. False where iptables has no words for it, or has said it already. */
export function addTransport(to: TransportOptions, comparison: Comparison, module: Module): boolean {
  const { load, test } = comparison;
  if (load.kind !== 'payload' || load.base !== 'transport') return false;
  if (load.offset === flagsAt && load.length === 1 && module === 'tcp') return addFlags(to, comparison);
  if (comparison.mask !== null) return false;
  if (load.length === 2 && (load.offset === 0 || load.offset === 2)) return addPort(to, comparison, module);
  if (load.length !== 4 || load.offset !== 0 || test.kind !== 'compare' || test.op !== 'eq') return false;
  const source = { ...comparison, load: { ...load, length: 2 }, test: { ...test, value: test.value.subarray(0, 2) } };
  const destination = { ...source, load: { ...load, offset: 2, length: 2 }, test: { ...test, value: test.value.subarray(2) } };
  return addPort(to, source, module) && addPort(to, destination, module);
}

function addPort(to: TransportOptions, comparison: Comparison, module: Module): boolean {
  const range = rangeOf(comparison.test);
  if (range === null || comparison.load.kind !== 'payload') return false;
  const side = comparison.load.offset === 0 ? 'source' : 'destination';
  if (to[side] !== null) return false;
  const { first, last, negated } = range;
  const text = `${not(negated)}${side === 'source' ? '--sport' : '--dport'} ${first === last ? first : `${first}:${last}`}`;
  to[side] = { text, match: { kind: 'ports', module, side, ranges: [{ first, last }], negated } };
  return true;
}

function rangeOf(test: Comparison['test']): { readonly first: number; readonly last: number; readonly negated: boolean } | null {
  const port = (bytes: Uint8Array): number => ((bytes[0] as number) << 8) | (bytes[1] as number);
  if (test.kind === 'range') return { first: port(test.first), last: port(test.last), negated: test.negated };
  const value = port(test.value);
  const negated = negation(test.op);
  if (negated !== null) return { first: value, last: value, negated };
  const first = test.op === 'gt' ? value + 1 : test.op === 'gte' ? value : 0;
  const last = test.op === 'lt' ? value - 1 : test.op === 'lte' ? value : highest;
  return first <= last ? { first, last, negated: false } : null;
}

function addFlags(to: TransportOptions, { mask, test }: Comparison): boolean {
  const bits = mask?.[0];
  const negated = test.kind === 'compare' ? negation(test.op) : null;
  if (test.kind !== 'compare' || negated === null || bits === undefined || bits > 63 || to.flags !== null) return false;
  const set = test.value[0] as number;
  if (set > 63) return false;
  to.flags = {
    text: `${not(negated)}--tcp-flags ${flagList(bits)} ${flagList(set)}`,
    match: { kind: 'tcp-flags', mask: bits, set, negated },
  };
  return true;
}

function flagList(bits: number): string {
  return flagNames.filter((_, bit) => (bits & (1 << bit)) !== 0).join(',') || 'NONE';
}

export function transportPart(module: Module, { source, destination, flags }: TransportOptions): MatchPart {
  const options = [source, destination, flags].filter((option) => option !== null);
  return { text: [`-m ${module}`, ...options.map(({ text }) => text)].join(' '), matches: options.map(({ match }) => match) };
}

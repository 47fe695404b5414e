import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { NftExpression, NftRule, NftVerdict } from '#facts/nft.ts';
import { readNftables } from '../nftables.ts';

/** Rules in the notation of `nft --debug=netlink`, which another decoder (libnftnl) wrote of the same rules when they were recorded. */
const fixture = (name: string): URL => new URL(`../../fixtures/netlink/${name}`, import.meta.url);

const register = (word: number): number => (word % 4 === 0 ? word / 4 + 1 : word + 8);

/** Words of four bytes, the first byte lowest. */
function words(bytes: Uint8Array): string {
  const text: string[] = [];
  for (let i = 0; i < bytes.length; i += 4) {
    const digits = [...bytes.subarray(i, i + 4)].reverse().map((byte) => byte.toString(16).padStart(2, '0'));
    text.push(`0x${digits.join('').padStart(8, '0')}`);
  }
  return text.join(' ');
}

const metaNames: Readonly<Record<string, string>> = { length: 'len', random: 'prandom', ipsec: 'secpath' };
const exthdrNames: Readonly<Record<string, string>> = { tcp: 'tcpopt' };
const rejectTypes = ['icmp-unreachable', 'tcp-reset', 'icmpx-unreachable'];
const objectTypes: Readonly<Record<string, number>> = { counter: 1, quota: 2, 'ct helper': 3, limit: 4, 'ct timeout': 7, synproxy: 10 };
const natFlags: Readonly<Record<string, number>> = { random: 4, persistent: 8, 'fully-random': 16, netmap: 64 };
const units: Readonly<Record<number, string>> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day' };

function verdict(of: NftVerdict): string {
  return 'chain' in of ? `${of.kind} -> ${of.chain}` : of.kind;
}

function ports(from: number | null, to: number | null): string {
  return from === null ? '' : ` proto_min reg ${register(from)} proto_max reg ${register(to ?? from)}`;
}

/** What flags say of registers (MAP_IPS 1, PROTO_SPECIFIED 2) the kernel's own flags say too. */
function flags(names: readonly string[], more: number): string {
  const sum = names.reduce((total, name) => total + (natFlags[name] ?? 0), more);
  return sum === 0 ? '' : ` flags 0x${sum.toString(16)}`;
}

function bytecode(expression: NftExpression): string {
  switch (expression.kind) {
    case 'payload':
      return `payload load ${expression.length}b @ ${expression.base} header + ${expression.offset} => reg ${register(expression.to)}`;
    case 'payload-set':
      return `payload write reg ${register(expression.from)} => ${expression.length}b @ ${expression.base} header + ${expression.offset}`;
    case 'meta':
      return `meta load ${metaNames[expression.key] ?? expression.key} => reg ${register(expression.to)}`;
    case 'meta-set':
      return `meta set ${expression.key} with reg ${register(expression.from)}`;
    case 'ct':
      return `ct load ${expression.key} => reg ${register(expression.to)}${expression.direction === null ? '' : ` , dir ${expression.direction}`}`;
    case 'ct-set':
      return `ct set ${expression.key} with reg ${register(expression.from)}`;
    case 'compare':
      return `cmp ${expression.op} reg ${register(expression.from)} ${words(expression.value)}`;
    case 'range':
      return `range ${expression.op} reg ${register(expression.from)} ${words(expression.first)} ${words(expression.last)}`;
    case 'bitwise': {
      const { from, to, mask, xor } = expression;
      return `bitwise reg ${register(to)} = ( reg ${register(from)} & ${words(mask)} ) ^ ${words(xor)}`;
    }
    case 'shift': {
      const { direction, from, to, bits } = expression;
      const count = `0x${bits.toString(16).padStart(8, '0')}`;
      return `bitwise reg ${register(to)} = ( reg ${register(from)} ${direction === 'left' ? '<<' : '>>'} ${count} )`;
    }
    case 'byteorder': {
      const { from, to, length, size } = expression;
      return `byteorder reg ${register(to)} = hton(reg ${register(from)}, ${size}, ${length})`;
    }
    case 'immediate':
      return `immediate reg ${register(expression.to)} ${words(expression.value)}`;
    case 'verdict':
      return `immediate reg 0 ${verdict(expression.verdict)}`;
    case 'lookup': {
      const { set, from, to, negated } = expression;
      const data = to === null ? '' : ` dreg ${to === 'verdict' ? 0 : register(to)}`;
      return `lookup reg ${register(from)} set ${set}${data} 0x${negated ? 1 : 0}`;
    }
    case 'counter':
      return `counter pkts ${expression.packets} bytes ${expression.bytes}`;
    default:
      return stateful(expression) ?? acting(expression);
  }
}

function stateful(expression: NftExpression): string | null {
  switch (expression.kind) {
    case 'limit': {
      const { rate, per, burst, unit, over } = expression;
      return `limit rate ${rate}/${units[per]} burst ${burst} type ${unit} flags 0x${over ? 1 : 0}`;
    }
    case 'quota':
      return `quota bytes ${expression.bytes} consumed 0 flags ${expression.over ? 1 : 0}`;
    case 'connlimit':
      return `connlimit count ${expression.count} flags ${expression.over ? 1 : 0}`;
    case 'object': {
      const { name, type, text } = expression;
      return name === null ? `objref sreg 1 set ${text.replace('by map @', '')}` : `objref type ${objectTypes[type]} name ${name}`;
    }
    case 'dynset': {
      const inner = expression.expressions.map((each) => `[ ${bytecode(each)} ]`).join(' ');
      const list = inner === '' ? '' : ` expr ${inner}`;
      return `dynset ${expression.op} reg_key ${register(expression.key)} set ${expression.set} timeout ${expression.timeout ?? 0}ms${list}`;
    }
    case 'numgen':
      return `numgen reg ${register(expression.to)} = ${expression.type === 'random' ? 'random' : 'inc'} mod ${expression.modulus}${offset(expression.offset)}`;
    case 'hash': {
      const { from, to, length, seed, modulus } = expression;
      if (from === null) return `hash reg ${register(to)} = symhash() % mod ${modulus}${offset(expression.offset)}`;
      return `hash reg ${register(to)} = jhash(reg ${register(from)}, ${length}, 0x${seed?.toString(16)}) % mod ${modulus}${offset(expression.offset)}`;
    }
    case 'fib': {
      const present = expression.flags.includes('present') ? ' present' : '';
      const keys = expression.flags.filter((flag) => flag !== 'present').join(' . ');
      return `fib ${keys} ${expression.result}${present} => reg ${register(expression.to)}`;
    }
    case 'rt':
      return `rt load ${expression.key} => reg ${register(expression.to)}`;
    case 'socket':
      return `socket load ${expression.key} => reg ${register(expression.to)}`;
    case 'exthdr': {
      const { header, length, type, present, to } = expression;
      const name = exthdrNames[header] ?? header;
      return `exthdr load ${name} ${length}b @ ${type} + ${expression.offset}${present ? ' present' : ''} => reg ${register(to)}`;
    }
    default:
      return null;
  }
}

const offset = (value: number): string => (value === 0 ? '' : ` offset ${value}`);

function acting(expression: NftExpression): string {
  switch (expression.kind) {
    case 'reject':
      return `reject type ${rejectTypes.indexOf(expression.type)} code ${expression.code}`;
    case 'nat': {
      const { type, family, addressFrom, addressTo, portFrom, portTo } = expression;
      const address =
        addressFrom === null ? '' : ` addr_min reg ${register(addressFrom)} addr_max reg ${register(addressTo ?? addressFrom)}`;
      const more = (addressFrom === null ? 0 : 1) + (portFrom === null ? 0 : 2);
      return `nat ${type} ${family}${address}${ports(portFrom, portTo)}${flags(expression.flags, more)}`;
    }
    case 'masquerade':
    case 'redirect': {
      const name = expression.kind === 'redirect' ? 'redir' : 'masq';
      return `${name}${ports(expression.portFrom, expression.portTo)}${flags(expression.flags, expression.portFrom === null ? 0 : 2)}`;
    }
    case 'tproxy': {
      const { family, address, port } = expression;
      const to = address === null ? '' : ` ${family} addr reg ${register(address)}`;
      return `tproxy${to}${port === null ? '' : ` port reg ${register(port)}`}`;
    }
    case 'xt-match':
      return `match name ${expression.name} rev ${expression.revision}`;
    case 'xt-target':
      return `target name ${expression.name} rev ${expression.revision}`;
    case 'exthdr-set':
      return 'exthdr';
    case 'unmodelled':
      return expression.name;
    default:
      return expression.kind;
  }
}

/** What libnftnl words in its own way (log) or knows more of (checksums of a payload that is written, what we do not model) is cut. */
function comparable(line: string): string {
  const cut = /^(?:log|osf|xfrm|synproxy|exthdr(?= (?:write|reset)))/.exec(line);
  if (cut !== null) return cut[0];
  return line.replace(/ csum_type .*$/, '').trim();
}

/** `FAMILY TABLE CHAIN HANDLE` to lines. */
function listed(text: string): Record<string, readonly string[]> {
  const rules: Record<string, string[]> = {};
  let current: string[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const inner = /^ {2}\[ (.*)\]$/.exec(line)?.[1];
    if (inner !== undefined) current.push(comparable(inner));
    else {
      current = [];
      rules[line.split(' ').slice(0, 4).join(' ')] = current;
    }
  }
  return rules;
}

function decoded(name: string): Record<string, readonly string[]> {
  const found = readNftables(readFileSync(fixture(`${name}.nftables`)), 'netlink/nftables');
  if (!found.ok) throw new Error(found.problem.code);
  const entries: [string, readonly string[]][] = [];
  const lines = ({ expressions }: NftRule): readonly string[] => expressions.map((expression) => comparable(bytecode(expression)));
  for (const table of found.value.tables)
    for (const chain of table.chains.values())
      for (const rule of chain.rules) entries.push([`${table.family} ${table.name} ${chain.name} ${rule.handle}`, lines(rule)]);
  return Object.fromEntries(entries);
}

test.each(['native', 'native-in-iptables-tables', 'iptables-options'])('expressions of %s are those that libnftnl decodes', (name) => {
  const expected = listed(readFileSync(fixture(`${name}.bytecode`), 'utf8'));
  expect(Object.keys(expected).length).toBeGreaterThan(10);
  expect(decoded(name)).toEqual(expected);
});

test('rare expressions too, and those of a set stand for those of a dynset that the kernel does not dump', () => {
  const expected = listed(readFileSync(fixture('native-rare.bytecode'), 'utf8'));
  const hidden = 'dynset update reg_key 1 set st timeout 0ms';
  const rules = Object.entries(expected).map(([place, lines]) => [
    place,
    lines.map((line) => (line === hidden ? `${hidden} expr [ limit rate 5/second burst 5 type packets flags 0x0 ]` : line)),
  ]);
  expect(decoded('native-rare')).toEqual(Object.fromEntries(rules));
});

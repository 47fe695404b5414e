import type { NftExpression, NftRegister, NftVerdict } from '#facts/nft.ts';

/** Expressions in the words of `nft --debug=netlink list ruleset` (libnftnl 1.2), to compare compiled rules with the kernel's. */
export function asDebugLines(expressions: readonly NftExpression[]): readonly string[] {
  return expressions.map((expression) => `[ ${line(expression)} ]`);
}

/** NFT_REG_1 to 4 are 128 bits wide, and every word of them is a register NFT_REG32_00 to 15 as well. */
function reg(register: NftRegister): string {
  return `reg ${register % 4 === 0 ? register / 4 + 1 : register + 8}`;
}

function words(bytes: Uint8Array): string {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return Array.from(
    { length: padded.length / 4 },
    (_, i) =>
      `0x${view
        .getUint32(i * 4, true)
        .toString(16)
        .padStart(8, '0')}`,
  ).join(' ');
}

const bases = { link: 'link', network: 'network', transport: 'transport', inner: 'inner', tunnel: 'tunnel' } as const;
const metaWords: Readonly<Record<string, string>> = { length: 'len', random: 'prandom', ipsec: 'secpath' };
const per: Readonly<Record<number, string>> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day', 604800: 'week' };
const rejectTypes = { 'icmp-unreachable': 0, 'tcp-reset': 1, 'icmpx-unreachable': 2 } as const;
const objectTypes: Readonly<Record<string, number>> = {
  counter: 1,
  quota: 2,
  'ct helper': 3,
  limit: 4,
  'ct timeout': 7,
  secmark: 8,
  'ct expectation': 9,
  synproxy: 10,
};
const ctWords: Readonly<Record<string, string>> = { saddr: 'src', daddr: 'dst', id: 'unknown' };
const natBits: Readonly<Record<string, number>> = { random: 4, persistent: 8, 'fully-random': 16, netmap: 64 };

function verdictText(verdict: NftVerdict): string {
  if (verdict.kind === 'jump' || verdict.kind === 'goto') return `${verdict.kind} -> ${verdict.chain}`;
  return verdict.kind;
}

function line(e: NftExpression): string {
  switch (e.kind) {
    case 'payload':
      return `payload load ${e.length}b @ ${bases[e.base]} header + ${e.offset} => ${reg(e.to)}`;
    case 'payload-set':
      return `payload write ${reg(e.from)} => ${e.length}b @ ${bases[e.base]} header + ${e.offset}`;
    case 'meta':
      return `meta load ${metaWords[e.key] ?? e.key} => ${reg(e.to)}`;
    case 'meta-set':
      return `meta set ${metaWords[e.key] ?? e.key} with ${reg(e.from)}`;
    case 'ct':
      return `ct load ${ctWords[e.key] ?? e.key} => ${reg(e.to)}${e.direction === null ? '' : ` , dir ${e.direction}`}`;
    case 'ct-set':
      return `ct set ${e.key} with ${reg(e.from)}${e.direction === null ? '' : ` , dir ${e.direction}`}`;
    case 'compare':
      return `cmp ${e.op} ${reg(e.from)} ${words(e.value)}`;
    case 'bitwise':
      return `bitwise ${reg(e.to)} = ( ${reg(e.from)} & ${words(e.mask)} ) ^ ${words(e.xor)}`;
    case 'shift':
      return `bitwise ${reg(e.to)} = ( ${reg(e.from)} ${e.direction === 'left' ? '<<' : '>>'} 0x${e.bits.toString(16).padStart(8, '0')} )`;
    case 'byteorder':
      return `byteorder ${reg(e.to)} = hton(${reg(e.from)}, ${e.size}, ${e.length})`;
    case 'immediate':
      return `immediate ${reg(e.to)} ${words(e.value)}`;
    case 'verdict':
      return `immediate reg 0 ${verdictText(e.verdict)}`;
    case 'lookup': {
      const to = e.to === 'verdict' ? ' dreg 0' : e.to === null ? '' : ` dreg ${reg(e.to).slice(4)}`;
      return `lookup ${reg(e.from)} set ${e.set.startsWith('__') ? 'ANON' : e.set}${to} 0x${e.negated ? 1 : 0}`;
    }
    case 'range':
      return `range ${e.op} ${reg(e.from)} ${words(e.first)} ${words(e.last)}`;
    case 'fib':
      return `fib ${e.flags.filter((flag) => flag !== 'present').join(' . ')} ${e.result}${e.flags.includes('present') ? ' present' : ''} => ${reg(e.to)}`;
    case 'numgen':
      return `numgen ${reg(e.to)} = ${e.type === 'random' ? 'random' : 'inc'} mod ${e.modulus}${e.offset === 0 ? '' : ` offset ${e.offset}`}`;
    case 'hash': {
      const offset = e.offset === 0 ? '' : ` offset ${e.offset}`;
      const from = e.from === null ? 'symhash()' : `jhash(${reg(e.from)}, ${e.length}, 0x${(e.seed ?? 0).toString(16)})`;
      return `hash ${reg(e.to)} = ${from} % mod ${e.modulus}${offset}`;
    }
    case 'rt':
      return `rt load ${e.key} => ${reg(e.to)}`;
    case 'socket':
      return `socket load ${e.key} => ${reg(e.to)}`;
    case 'exthdr': {
      const header = { ipv6: 'ipv6 ', tcp: 'tcpopt ', ipv4: 'ipv4 ', sctp: '', dccp: '' }[e.header];
      return `exthdr load ${header}${e.length}b @ ${e.type} + ${e.offset}${e.present ? ' present' : ''} => ${reg(e.to)}`;
    }
    case 'exthdr-set':
      return `exthdr write tcpopt @ ${e.type}`;
    case 'limit':
      return `limit rate ${e.rate}/${per[e.per]} burst ${e.burst} type ${e.unit} flags 0x${e.over ? 1 : 0}`;
    case 'quota':
      return `quota bytes ${e.bytes} flags ${e.over ? 1 : 0}`;
    case 'connlimit':
      return `connlimit count ${e.count} flags ${e.over ? 1 : 0}`;
    case 'counter':
      return `counter pkts ${e.packets} bytes ${e.bytes}`;
    case 'log':
      return 'log';
    case 'reject':
      return `reject type ${rejectTypes[e.type]} code ${e.code}`;
    case 'nat': {
      const address = e.addressFrom === null ? '' : ` addr_min ${reg(e.addressFrom)} addr_max ${reg(e.addressTo as number)}`;
      const ports = e.portFrom === null ? '' : ` proto_min ${reg(e.portFrom)} proto_max ${reg(e.portTo as number)}`;
      return `nat ${e.type} ${e.family}${address}${ports} flags 0x${flagBits(e.flags, e.addressFrom, e.portFrom).toString(16)}`;
    }
    case 'masquerade':
    case 'redirect': {
      const ports = e.portFrom === null ? '' : ` proto_min ${reg(e.portFrom)} proto_max ${reg(e.portTo as number)}`;
      const bits = flagBits(e.flags, null, e.portFrom);
      return `${e.kind === 'redirect' ? 'redir' : 'masq'}${ports}${bits === 0 ? '' : ` flags 0x${bits.toString(16)}`}`;
    }
    case 'notrack':
      return 'notrack';
    case 'object':
      return e.name === null ? `objref map ${e.type}` : `objref type ${objectTypes[e.type]} name ${e.name}`;
    case 'dynset': {
      const inner = e.expressions.map((each) => ` expr [ ${line(each)} ]`).join('');
      const data = e.data === null ? '' : ` reg_data ${reg(e.data).slice(4)}`;
      return `dynset ${e.op} reg_key ${reg(e.key).slice(4)} set ${e.set}${data} timeout ${e.timeout ?? 0}ms${inner}`;
    }
    case 'synproxy':
      return 'synproxy';
    default:
      return e.kind === 'unmodelled' ? `unmodelled ${e.name}: ${e.because}` : e.kind;
  }
}

function flagBits(flags: readonly string[], address: NftRegister | null, port: NftRegister | null): number {
  const set = flags.reduce((bits, flag) => bits | (natBits[flag] ?? 0), 0);
  return set | (address === null ? 0 : 1) | (port === null ? 0 : 2);
}

/** One line of `nft --debug=netlink` without what facts/nft.ts does not hold, and with one name for anonymous sets. */
export function normalDebugLine(text: string): string {
  return text
    .trim()
    .replace(/__(?:set|map|objmap)\d+/, 'ANON')
    .replace(/ csum_type .*(?= \])/, '')
    .replace(/^\[ log .*\]$/, '[ log ]')
    .replace(/^\[ synproxy .*\]$/, '[ synproxy ]')
    .replace(/^\[ exthdr write tcpopt reg \d+ => \d+b @ (\d+) \+ \d+ \]$/, '[ exthdr write tcpopt @ $1 ]')
    .replace(/ consumed \d+/, '');
}

import { type Family, formatPrefix, type Prefix } from '#facts/address.ts';
import { protocolText } from '../../../xtables/protocol-names.ts';
import { type Comparison, negation } from './comparison.ts';
import { type Head, not, type Part } from './parts.ts';

interface Found {
  readonly part: keyof Head;
  readonly value: Part;
}

/** Offsets of source and destination in struct iphdr and struct ipv6hdr, and the length of an address. */
const layout = { ip: { source: 12, destination: 16, length: 4 }, ip6: { source: 8, destination: 24, length: 16 } } as const;
/** frag_off without its flags. */
const fragment = { at: 6, mask: 0x1fff } as const;
/** iphdr.protocol: what older iptables-nft compares in place of meta l4proto. */
const protocolAt = 9;

/** A comparison that iptables words in front of the matches; null where it is none. */
export function headPart(comparison: Comparison, family: Family): Found | null {
  if (comparison.test.kind !== 'compare') return null;
  const negated = negation(comparison.test.op);
  if (negated === null) return null;
  const { load, mask } = comparison;
  const { value } = comparison.test;
  if (load.kind === 'meta') return mask === null ? metaPart(load.key, value, negated) : null;
  if (load.base !== 'network') return null;
  const { source, destination, length } = layout[family];
  if (load.offset === source && load.length <= length) return address('source', { value, mask, negated, family });
  if (load.offset === destination && load.length <= length) return address('destination', { value, mask, negated, family });
  if (family !== 'ip') return null;
  if (load.offset === fragment.at && load.length === 2) return fragmentPart(value, mask, negated);
  return load.offset === protocolAt && load.length === 1 && mask === null ? protocolPart(value, negated) : null;
}

function metaPart(key: string, value: Uint8Array, negated: boolean): Found | null {
  if (key === 'l4proto') return protocolPart(value, negated);
  if (key === 'iifname') return interfacePart('in-interface', value, negated);
  return key === 'oifname' ? interfacePart('out-interface', value, negated) : null;
}

function protocolPart(value: Uint8Array, negated: boolean): Found | null {
  const number = value[0];
  if (value.length !== 1 || number === undefined || number === 0) return null;
  return { part: 'protocol', value: { text: `${not(negated)}-p ${protocolText(number)}`, match: { kind: 'protocol', number, negated } } };
}

/** With its NUL it is the whole name, without it the start of one. */
function interfacePart(kind: 'in-interface' | 'out-interface', value: Uint8Array, negated: boolean): Found | null {
  const end = value.indexOf(0);
  if (end === 0 || value.length > 16 || (end > 0 && value.subarray(end).some((byte) => byte !== 0))) return null;
  const name = String.fromCharCode(...(end < 0 ? value : value.subarray(0, end)));
  if (!/^[!-~]+$/.test(name)) return null;
  const part = kind === 'in-interface' ? 'inInterface' : 'outInterface';
  const option = kind === 'in-interface' ? '-i' : '-o';
  if (name === neverThere && end > 0 && !negated) {
    return { part, value: { text: `! ${option} +`, match: { kind, name: '', wildcard: true, negated: true } } };
  }
  const wildcard = end < 0;
  return { part, value: { text: `${not(negated)}${option} ${name}${wildcard ? '+' : ''}`, match: { kind, name, wildcard, negated } } };
}

/** What iptables-nft compares with for `! -i +`: no interface can have this name. */
const neverThere = 'INVAL/D';

/** Only as many bytes as the mask has are loaded where it ends at a byte. */
function address(
  kind: 'source' | 'destination',
  of: { readonly value: Uint8Array; readonly mask: Uint8Array | null; readonly negated: boolean; readonly family: Family },
): Found | null {
  const { value, mask, negated, family } = of;
  const { length } = layout[family];
  if (mask !== null && value.length !== length) return null;
  const masked = mask === null ? value : value.map((byte, i) => byte & (mask[i] as number));
  if (masked.some((byte, i) => byte !== value[i])) return null;
  const prefix = prefixOf(padded(value, length), mask ?? padded(new Uint8Array(value.length).fill(255), length), family);
  const text = `${not(negated)}${kind === 'source' ? '-s' : '-d'} ${formatPrefix(prefix)}`;
  return { part: kind, value: { text, match: { kind, prefix, negated } } };
}

function padded(value: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  whole.set(value);
  return whole;
}

function prefixOf(value: Uint8Array, mask: Uint8Array, family: Family): Prefix {
  const maskWords = wordsOf(mask);
  const ones = maskWords.map((word) => word.toString(2).padStart(32, '0')).join('');
  const first = ones.indexOf('0');
  const bits = first < 0 ? ones.length : ones.indexOf('1', first) < 0 ? first : null;
  return { family, words: wordsOf(value), mask: maskWords, bits };
}

function wordsOf(bytes: Uint8Array): readonly number[] {
  const words: number[] = [];
  for (let i = 0; i < bytes.length; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(i, i + 4);
    words.push(((a << 24) | (b << 16) | (c << 8) | d) >>> 0);
  }
  return words;
}

/** `-f`: the offset is not zero. */
function fragmentPart(value: Uint8Array, mask: Uint8Array | null, differs: boolean): Found | null {
  const number = mask === null ? 0 : ((mask[0] as number) << 8) | (mask[1] as number);
  if (number !== fragment.mask || value.some((byte) => byte !== 0)) return null;
  return { part: 'fragment', value: { text: `${not(!differs)}-f`, match: { kind: 'fragment', negated: !differs } } };
}

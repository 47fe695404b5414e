/** The two protocol families, named as nftables names them. */
export type Family = 'ip' | 'ip6';

/** An IP address as unsigned 32-bit words in network order: one word for IPv4, four for IPv6. */
export interface Address {
  readonly family: Family;
  readonly words: readonly number[];
}

/** An address block. `mask` may be non-contiguous, as iptables allows; `bits` is null then. */
export interface Prefix {
  readonly family: Family;
  readonly words: readonly number[];
  readonly mask: readonly number[];
  readonly bits: number | null;
}

/** Reads `10.0.0.1` or `fe80::1` (also `::ffff:1.2.3.4`). Anything else, zone ids and leading zeros included, is null. */
export function parseAddress(text: string): Address | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Address | null {
  const word = ipv4Word(text);
  return word === null ? null : { family: 'ip', words: [word] };
}

function ipv4Word(text: string): number | null {
  let word = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 46;
    if (code === 46) {
      if (octet < 0) return null;
      word = word * 256 + octet;
      octet = -1;
      if (i < text.length) dots++;
      continue;
    }
    if (code < 48 || code > 57 || octet === 0) return null;
    octet = octet < 0 ? code - 48 : octet * 10 + code - 48;
    if (octet > 255) return null;
  }
  return dots === 3 ? word : null;
}

function parseIpv6(text: string): Address | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1] ?? '', true) : [];
  if (head === null || tail === null) return null;
  const gap = 8 - head.length - tail.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return null;
  const all = [...head, ...new Array<number>(gap).fill(0), ...tail];
  const words: number[] = [];
  for (let i = 0; i < 8; i += 2) words.push((all[i] as number) * 65536 + (all[i + 1] as number));
  return { family: 'ip6', words };
}

function groups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const result: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes('.')) {
      const word = ipv4Word(part);
      if (word === null) return null;
      result.push(Math.floor(word / 65536), word % 65536);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
      result.push(Number.parseInt(part, 16));
    }
  }
  return result;
}

/** Canonical text: dotted quad, or RFC 5952 for IPv6. */
export function formatAddress(address: Address): string {
  return address.family === 'ip' ? formatIpv4(address.words[0] as number) : formatIpv6(address.words);
}

function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

function formatIpv6(words: readonly number[]): string {
  const parts = words.flatMap((word) => [Math.floor(word / 65536), word % 65536]);
  const [start, length] = longestZeroRun(parts);
  if (start === 0 && length === 5 && parts[5] === 0xffff) return `::ffff:${formatIpv4(words[3] as number)}`;
  const hex = parts.map((part) => part.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function longestZeroRun(parts: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [-1, 0];
  for (let i = 0; i < parts.length; i++) {
    let length = 0;
    while (parts[i + length] === 0) length++;
    if (length > best[1]) best = [i, length];
    i += length;
  }
  return best;
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.words.every((word, i) => word === b.words[i]);
}

/** The mask of a prefix length: 0 to 32 for `ip`, 0 to 128 for `ip6`. */
export function maskOf(family: Family, bits: number): readonly number[] {
  const words = family === 'ip' ? 1 : 4;
  return Array.from({ length: words }, (_, i) => {
    const here = Math.min(32, Math.max(0, bits - i * 32));
    return here === 0 ? 0 : (0xffffffff << (32 - here)) >>> 0;
  });
}

/** Reads `10.0.0.0/8`, `10.0.0.1` (a single address), `10.0.0.0/255.0.0.255` and the IPv6 forms. Host bits are cleared. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  const width = address.family === 'ip' ? 32 : 128;
  const length = slash < 0 ? String(width) : text.slice(slash + 1);
  if (/^\d{1,3}$/.test(length)) {
    const bits = Number(length);
    return bits > width ? null : block(address, maskOf(address.family, bits), bits);
  }
  const mask = parseAddress(length);
  if (mask === null || mask.family !== address.family) return null;
  return block(address, mask.words, contiguousBits(mask.words));
}

function block(address: Address, mask: readonly number[], bits: number | null): Prefix {
  const words = address.words.map((word, i) => (word & (mask[i] as number)) >>> 0);
  return { family: address.family, words, mask, bits };
}

function contiguousBits(mask: readonly number[]): number | null {
  const binary = mask.map((word) => word.toString(2).padStart(32, '0')).join('');
  const ones = binary.indexOf('0');
  if (ones < 0) return binary.length;
  return binary.indexOf('1', ones) < 0 ? ones : null;
}

export function prefixContains(prefix: Prefix, address: Address): boolean {
  if (prefix.family !== address.family) return false;
  const { words, mask } = prefix;
  for (let i = 0; i < words.length; i++) {
    if (((address.words[i] as number) & (mask[i] as number)) >>> 0 !== words[i]) return false;
  }
  return true;
}

export function formatPrefix(prefix: Prefix): string {
  const address = formatAddress({ family: prefix.family, words: prefix.words });
  return `${address}/${prefix.bits ?? formatAddress({ family: prefix.family, words: prefix.mask })}`;
}

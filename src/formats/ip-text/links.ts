import type { JsonObject } from '../json-fields.ts';
import { type Entry, type Fault, wordsOf } from './each-line.ts';

const header = /^(\d+): (\S+?)(?:@(\S+))?:? +(?:<([^>]*)> )?(.*)$/;

/**
 * Interfaces of `ip [-d] [-s] link` and `ip [-d] addr`, with their addresses in `addr_info`. Lines that begin with neither a number nor a known word
 * are details of the interface: of `-d` the first word of such a line is its kind.
 */
export function readInterfaces(lines: readonly string[]): readonly Entry[] | Fault {
  const entries: { object: Record<string, unknown>; line: number; text: string; addresses: JsonObject[] }[] = [];
  for (const [i, text] of lines.entries()) {
    if (text.trim() === '') continue;
    const parts = header.exec(text);
    if (parts !== null) {
      entries.push({ object: headOf(parts), line: i + 1, text, addresses: [] });
      continue;
    }
    const entry = entries.at(-1);
    if (entry === undefined || !/^\s/.test(text)) return { line: i + 1, expected: "an interface, as 'ip link' prints it" };
    const words = wordsOf(text);
    const address = addressIn(words);
    if (address !== null) entry.addresses.push(address);
    else Object.assign(entry.object, detailIn(words, entry.object));
  }
  return entries.map(({ object, line, text, addresses }) => ({ object: { ...object, addr_info: addresses }, line, text }));
}

/** One entry for each address, at its own line. */
export function readAddressLines(lines: readonly string[]): readonly Entry[] | Fault {
  const entries: Entry[] = [];
  let name = '';
  for (const [i, text] of lines.entries()) {
    const words = wordsOf(text);
    const parts = header.exec(text);
    if (parts !== null) name = parts[2] as string;
    else if (text.trim() !== '' && !/^\s/.test(text)) return { line: i + 1, expected: "an interface, as 'ip addr' prints it" };
    // `ip -o addr` has the interface in front of each address.
    const address = addressIn(parts === null ? words : words.slice(2));
    if (address !== null) entries.push({ object: { ifname: name, addr_info: [address] }, line: i + 1, text });
  }
  return entries;
}

function headOf([, index, name, , flags, rest]: RegExpExecArray): Record<string, unknown> {
  const words = wordsOf(rest as string);
  const object: Record<string, unknown> = { ifindex: Number(index), ifname: name, flags: (flags ?? '').split(',') };
  const mtu = after(words, 'mtu');
  if (mtu !== undefined && /^\d+$/.test(mtu)) object['mtu'] = Number(mtu);
  const master = after(words, 'master');
  if (master !== undefined) object['master'] = master;
  if (words.some((word) => /^xdp/.test(word))) object['xdp'] = {};
  return object;
}

function after(words: readonly string[], word: string): string | undefined {
  const at = words.indexOf(word);
  return at < 0 ? undefined : words[at + 1];
}

function addressIn(words: readonly string[]): JsonObject | null {
  const [family, given = ''] = words;
  if (family !== 'inet' && family !== 'inet6') return null;
  const peer = after(words, 'peer');
  const [address, bits] = (peer ?? given).split('/');
  const prefixlen = Number(bits ?? (family === 'inet' ? 32 : 128));
  const broadcast = after(words, 'brd');
  const scope = after(words, 'scope');
  return {
    family,
    local: given.split('/')[0],
    prefixlen,
    ...(peer !== undefined && { address }),
    ...(broadcast !== undefined && { broadcast }),
    ...(scope !== undefined && { scope }),
  };
}

/** Words that begin a line of an interface and are no kind of it. */
const others =
  /^(link\/|valid_lft|bridge_slave|bond_slave|vrf_slave|team_slave|RX|TX|\d|altname|alias|prog\/xdp|vf|addrgenmode|numtxqueues|inet|parentbus|hsr_slave|macsec_slave)/;

function detailIn(words: readonly string[], object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const [first = ''] = words;
  if (first.startsWith('link/'))
    return { link_type: first.slice('link/'.length), ...(words[1]?.includes(':') === true && { address: words[1] }) };
  if (first.startsWith('prog/xdp')) return { xdp: {} };
  if (others.test(first) || 'linkinfo' in object) return {};
  return { linkinfo: { info_kind: first } };
}

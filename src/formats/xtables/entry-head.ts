import { type Family, formatAddress } from '#facts/address.ts';
import type { Match } from '#facts/rule.ts';
import { UnreadableValue } from '../iptables-save/values.ts';
import { bitsOf } from './addresses.ts';
import type { Blob } from './blob.ts';
import { type EntryLayout, entryLayouts } from './entry-layout.ts';
import { interfaceName, interfaceText } from './interface-name.ts';
import { protocolText } from './protocol-names.ts';
import { option } from './words.ts';

/** IPT_INV_*, IP6T_INV_*; 4 was for the type of service. */
const inverted = { inInterface: 1, outInterface: 2, source: 8, destination: 16, fragment: 32, protocol: 64 } as const;
const knownInversions = 0x7b;

/** IPT_F_*; IP6T_F_*, whose second bit was for the type of service. */
const fragmentFlag = 1;
const protocolFlag = 1;
const knownFlags: Readonly<Record<Family, number>> = { ip: 3, ip6: 5 };

export const isGoto = (entries: Blob, offset: number, family: Family): boolean =>
  (entries.u8(offset + entryLayouts[family].flags) & (family === 'ip' ? 2 : 4)) !== 0;

const addressParts = [
  { kind: 'source', name: '-s', bit: inverted.source, at: 'source', maskAt: 'sourceMask' },
  { kind: 'destination', name: '-d', bit: inverted.destination, at: 'destination', maskAt: 'destinationMask' },
] as const;
const interfaceParts = [
  { kind: 'in-interface', name: '-i', bit: inverted.inInterface, at: 'inName', maskAt: 'inMask' },
  { kind: 'out-interface', name: '-o', bit: inverted.outInterface, at: 'outName', maskAt: 'outMask' },
] as const;

/** What `-s -d -i -o -p -f` say. */
export function headMatches(blob: Blob, family: Family): readonly Match[] {
  const layout = entryLayouts[family];
  const not = blob.bits8(layout.inversions, knownInversions);
  return [...addressMatches(blob, family, not), ...interfaceMatches(blob, layout, not), ...protocolMatches(blob, family, not)];
}

function addressMatches(blob: Blob, family: Family, not: number): readonly Match[] {
  const layout = entryLayouts[family];
  return addressParts.flatMap(({ kind, bit, at, maskAt }): readonly Match[] => {
    const prefix = blob.prefix(layout[at], layout[maskAt], family);
    // The kernel masks the packet's address only, so that an address with bits outside its mask is never equal (ip_packet_match).
    if (blob.address(layout[at], family).words.some((word, i) => word !== prefix.words[i])) throw new UnreadableValue(`${kind} mask`);
    const negated = (not & bit) !== 0;
    return prefix.bits === 0 && !negated ? [] : [{ kind, prefix, negated }];
  });
}

function interfaceMatches(blob: Blob, layout: EntryLayout, not: number): readonly Match[] {
  return interfaceParts.flatMap(({ kind, bit, at, maskAt }): readonly Match[] => {
    const found = interfaceName(blob, layout[at], layout[maskAt]);
    const negated = (not & bit) !== 0;
    // Not any interface: never true, and iptables prints nothing.
    if (found === null) return negated ? [{ kind, name: '', wildcard: true, negated }] : [];
    return [{ kind, ...found, negated }];
  });
}

function protocolMatches(blob: Blob, family: Family, not: number): readonly Match[] {
  const layout = entryLayouts[family];
  const flags = blob.bits8(layout.flags, knownFlags[family]);
  const number = blob.u16(layout.protocol);
  const negated = (not & inverted.protocol) !== 0;
  if (number > 255 || (number === 0 && negated)) throw new UnreadableValue(`protocol '${negated ? '! ' : ''}${number || 'all'}'`);
  // ip6_packet_match looks at the protocol only where the flag is set; with it and protocol 0 (`-p all`) every packet fits.
  if (family === 'ip6' && number !== 0 && (flags & protocolFlag) === 0) throw new UnreadableValue(`protocol '${number}'`);
  const matches: Match[] = number === 0 ? [] : [{ kind: 'protocol', number, negated }];
  const notFragment = (not & inverted.fragment) !== 0;
  const fragment = family === 'ip' && (flags & fragmentFlag) !== 0;
  if (fragment) matches.push({ kind: 'fragment', negated: notFragment });
  else if (notFragment) throw new UnreadableValue("fragment '!'");
  return matches;
}

/** As iptables-save prints it, each word with a blank in front. */
export function headWords(blob: Blob, family: Family): string {
  const layout = entryLayouts[family];
  const not = blob.u8(layout.inversions);
  const number = blob.u16(layout.protocol);
  const fragment = family === 'ip' && (blob.u8(layout.flags) & fragmentFlag) !== 0;
  return (
    addressWords(blob, family, not) +
    interfaceWords(blob, layout, not) +
    (number === 0 ? '' : option('-p', protocolText(number), (not & inverted.protocol) !== 0)) +
    (fragment ? option('-f', undefined, (not & inverted.fragment) !== 0) : '')
  );
}

function addressWords(blob: Blob, family: Family, not: number): string {
  const layout = entryLayouts[family];
  const words = addressParts.map(({ name, bit, at, maskAt }) => {
    const address = blob.address(layout[at], family);
    const mask = blob.address(layout[maskAt], family);
    const negated = (not & bit) !== 0;
    const isAny = [...address.words, ...mask.words].every((word) => word === 0);
    if (isAny && !negated) return '';
    return option(name, `${formatAddress(address)}/${bitsOf(mask.words) ?? formatAddress(mask)}`, negated);
  });
  return words.join('');
}

function interfaceWords(blob: Blob, layout: EntryLayout, not: number): string {
  const words = interfaceParts.map(({ name, bit, at, maskAt }) => {
    const found = interfaceName(blob, layout[at], layout[maskAt]);
    return found === null ? '' : option(name, interfaceText(found), (not & bit) !== 0);
  });
  return words.join('');
}

import { formatAddress } from '#facts/address.ts';
import type { IpSetMember } from '#facts/ipset.ts';
import { type Attributes, be32, textOfAttribute } from '../attributes.ts';
import { flag, ofData, ofMember } from './attributes.ts';
import { be16, ipAddress } from './values.ts';

/** A member of a set of these dimensions, as `ipset save` words it. Null where an attribute of it is not there. */
export function readMember(attributes: Attributes, dimensions: readonly string[]): IpSetMember | null {
  const flags = be32(attributes.get(ofData.flags)) ?? 0;
  const parts: string[] = [];
  let addresses = 0;
  for (const dimension of dimensions) {
    const isAddress = dimension === 'ip' || dimension === 'net';
    const part = isAddress ? addressPart(attributes, addresses++) : otherPart(attributes, { dimension, flags });
    // A bitmap:ip,mac that has not seen the address's hardware yet has none.
    if (part === null && !(dimension === 'mac' && parts.length > 0)) return null;
    if (part !== null) parts.push(part);
  }
  const nomatch = (flags & flag.nomatch) !== 0;
  return {
    text: parts.join(','),
    nomatch,
    ...((flags & flag.wildcard) !== 0 && { wildcard: true }),
    ...((be32(attributes.get(ofData.timeout)) ?? 0) !== 0 && { expires: true }),
  };
}

/** A full prefix length is left out. */
function addressPart(attributes: Attributes, which: number): string | null {
  const of = which === 0 ? ({ address: ofData.address, bits: ofData.bits } as const) : { address: ofMember.address2, bits: ofMember.bits2 };
  const address = ipAddress(attributes.get(of.address));
  if (address === null) return null;
  const bits = attributes.get(of.bits)?.[0];
  return bits === undefined || bits === (address.family === 'ip' ? 32 : 128) ? formatAddress(address) : `${formatAddress(address)}/${bits}`;
}

function otherPart(attributes: Attributes, { dimension, flags }: { readonly dimension: string; readonly flags: number }): string | null {
  switch (dimension) {
    case 'port':
      return portPart(attributes);
    case 'mac': {
      const bytes = attributes.get(ofMember.hardware);
      return bytes === undefined ? null : Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
    }
    case 'mark': {
      const mark = be32(attributes.get(ofData.mark));
      return mark === null ? null : `0x${mark.toString(16).padStart(8, '0')}`;
    }
    case 'iface': {
      const name = textOfAttribute(attributes.get(ofMember.interface));
      return name === null ? null : `${(flags & flag.bridgePort) !== 0 ? 'physdev:' : ''}${name}`;
    }
    case 'set':
      return textOfAttribute(attributes.get(ofMember.name));
    default:
      return null;
  }
}

/** Names of /etc/protocols, as far as `ipset` takes ports for them; others by number. */
const protocols = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [47, 'gre'],
  [58, 'ipv6-icmp'],
  [132, 'sctp'],
  [136, 'udplite'],
]);
const icmp = [1, 58];

/** ICMP by type and code in numbers, which `ipset` prints as names where it knows one. A bitmap:port has no protocol. */
function portPart(attributes: Attributes): string | null {
  const port = be16(attributes.get(ofData.port));
  const protocol = attributes.get(ofData.protocol)?.[0];
  if (port === null) return null;
  if (protocol === undefined) return String(port);
  return `${protocols.get(protocol) ?? protocol}:${icmp.includes(protocol) ? `${port >>> 8}/${port & 255}` : port}`;
}

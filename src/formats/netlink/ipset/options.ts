import { formatAddress } from '#facts/address.ts';
import { type Attributes, be32, le32 } from '../attributes.ts';
import { flag, ofCreate, ofData } from './attributes.ts';
import { be16, ipAddress } from './values.ts';

/** What `ipset save` prints behind the type of `create`. `forceadd`, which it leaves out, is told, too. */
export function createOptions(attributes: Attributes, family: string | null): string {
  const number = (word: string, type: number): string | null => {
    const value = be32(attributes.get(type));
    return value === null ? null : `${word} ${value}`;
  };
  const byte = (word: string, type: number): string | null => {
    const value = attributes.get(type)?.[0];
    return value === undefined ? null : `${word} ${value}`;
  };
  const hexadecimal = (word: string, value: number | null): string | null =>
    value === null ? null : `${word} 0x${value.toString(16).padStart(8, '0')}`;
  const flags = be32(attributes.get(ofData.flags)) ?? 0;
  const flagged = (word: string, bit: number): string | null => ((flags & bit) !== 0 ? word : null);
  const words = [
    family === null ? null : `family ${family === 'ip' ? 'inet' : 'inet6'}`,
    rangeOf(attributes),
    // The one number that the kernel gives in its own order (mtype_head in ip_set_hash_gen.h).
    hexadecimal('markmask', le32(attributes.get(ofData.markMask))),
    number('hashsize', ofCreate.hashSize),
    number('maxelem', ofCreate.maxElements),
    number('size', ofCreate.size),
    byte('netmask', ofCreate.netMask),
    bitMaskOf(attributes),
    number('timeout', ofData.timeout),
    flagged('counters', flag.counters),
    flagged('comment', flag.comment),
    flagged('skbinfo', flag.packetInfo),
    flagged('forceadd', flag.forceAdd),
    byte('bucketsize', ofCreate.bucketSize),
    hexadecimal('initval', be32(attributes.get(ofCreate.initialValue))),
  ];
  return words.filter((word) => word !== null).join(' ');
}

/** Of bitmaps. */
function rangeOf(attributes: Attributes): string | null {
  const [first, last] = [ipAddress(attributes.get(ofData.address)), ipAddress(attributes.get(ofData.addressTo))];
  if (first !== null && last !== null) return `range ${formatAddress(first)}-${formatAddress(last)}`;
  const [from, to] = [be16(attributes.get(ofData.port)), be16(attributes.get(ofData.portTo))];
  return from === null || to === null ? null : `range ${from}-${to}`;
}

function bitMaskOf(attributes: Attributes): string | null {
  const mask = ipAddress(attributes.get(ofData.bitMask));
  return mask === null ? null : `bitmask ${formatAddress(mask)}`;
}

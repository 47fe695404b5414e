import { UnreadableValue } from '../iptables-save/values.ts';
import type { Blob } from './blob.ts';

export interface InterfaceName {
  readonly name: string;
  /** The name is the beginning of others. */
  readonly wildcard: boolean;
}

const length = 16;

/** An interface name with the mask that says how many of its bytes count; with the NUL byte among them the name is whole. Null: no condition. */
export function interfaceName(blob: Blob, offset: number, maskOffset: number): InterfaceName | null {
  let counted = 0;
  while (counted < length && blob.u8(maskOffset + counted) === 0xff) counted++;
  for (let i = counted; i < length; i++) if (blob.u8(maskOffset + i) !== 0) throw new UnreadableValue('interface mask');
  if (counted === 0) return null;
  const name = blob.text(offset, counted);
  let end = 0;
  while (end < counted && blob.u8(offset + end) !== 0) end++;
  if (end < counted - 1) {
    for (let i = end; i < counted; i++) if (blob.u8(offset + i) !== 0) throw new UnreadableValue('interface name');
  }
  return { name, wildcard: end === counted };
}

export const interfaceText = ({ name, wildcard }: InterfaceName): string => `${name}${wildcard ? '+' : ''}`;

import { parseAddress } from '#facts/address.ts';
import type { Layout } from './layout.ts';
import { numberIn, protocolPort } from './protocols.ts';
import type { Part } from './set-type.ts';

/** Writes the words of one part of a member, as `ipset save` prints it. False: it is not understood. */
export function writePart(part: Part, text: string, layout: Layout, key: Uint32Array, at: number): boolean {
  switch (part) {
    case 'ip':
      return writeAddress(text, layout, key, at);
    case 'net':
      return writeNet(text, layout, key, at);
    case 'port':
      return writeNumber(protocolPort(text), key, at);
    case 'bare-port':
      return writeNumber(numberIn(text, 65535), key, at);
    case 'mark':
      return writeNumber(/^0x[0-9a-f]{1,8}$/i.test(text) ? Number(text) : null, key, at);
    case 'mac':
      return writeMac(text, key, at);
    case 'iface':
      return text !== '';
    case 'learned-mac':
      return text === '' || isMac(text);
    default:
      return part satisfies never;
  }
}

function writeNumber(value: number | null, key: Uint32Array, at: number): boolean {
  if (value === null) return false;
  key[at] = value;
  return true;
}

function writeNet(text: string, layout: Layout, key: Uint32Array, at: number): boolean {
  const { addressWords } = layout;
  const slash = text.indexOf('/');
  const bits = slash < 0 ? addressWords * 32 : numberIn(text.slice(slash + 1), addressWords * 32);
  if (bits === null || !writeAddress(slash < 0 ? text : text.slice(0, slash), layout, key, at)) return false;
  maskWords(key, at, { words: addressWords, bits });
  key[at + addressWords] = bits;
  return true;
}

/** Clears all but the first bits of an address. */
export function maskWords(key: Uint32Array, at: number, { words, bits }: { readonly words: number; readonly bits: number }): void {
  for (let i = 0; i < words; i++) {
    const here = bits - i * 32;
    if (here <= 0) key[at + i] = 0;
    else if (here < 32) key[at + i] = (key[at + i] as number) & (0xffffffff << (32 - here));
  }
}

function writeAddress(text: string, { family }: Layout, key: Uint32Array, at: number): boolean {
  const address = parseAddress(text);
  if (address === null || address.family !== family) return false;
  for (let i = 0; i < address.words.length; i++) key[at + i] = address.words[i] as number;
  return true;
}

const isMac = (text: string): boolean => /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text);

/** `aa:bb:cc:dd:ee:ff` as two words of 16 and 32 bits. */
export function writeMac(text: string, key: Uint32Array, at: number): boolean {
  if (!isMac(text)) return false;
  const digits = text.replaceAll(':', '');
  key[at] = Number.parseInt(digits.slice(0, 4), 16);
  key[at + 1] = Number.parseInt(digits.slice(4), 16);
  return true;
}

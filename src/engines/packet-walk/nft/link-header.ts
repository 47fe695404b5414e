import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import type { Registers } from './registers.ts';

const because = 'the header of the frame is not known';

/**
 * The Ethernet header. What the node sends has none yet at the hooks, and a tun device has none at all: the load fails. Both addresses are known where
 * the probe says them.
 */
export function loadLinkHeader(
  { offset, length, to }: Extract<NftExpression, { readonly kind: 'payload' }>,
  { packet, model }: Machine,
  registers: Registers,
): boolean {
  if (packet.inInterface === '') return false;
  const link = model.routing.link(packet.inInterface);
  if (link?.kind === 'tun' && link.mac === null) return false;
  registers.setUnknown(to, length, because);
  for (let i = 0; i < length; i++) {
    const byte = byteAt(offset + i, packet.macDestination, packet.macSource);
    if (byte === null) continue;
    const shift = (i & 3) * 8;
    const at = to + (i >> 2);
    const known = ((registers.known[at] as number) | (0xff << shift)) >>> 0;
    registers.setPartly(at, ((registers.words[at] as number) | (byte << shift)) >>> 0, known, because);
  }
  return true;
}

function byteAt(offset: number, destination: string | null, source: string | null): number | null {
  const text = offset < 6 ? destination : offset < 12 ? source : null;
  return text === null ? null : Number.parseInt(text.slice((offset % 6) * 3, (offset % 6) * 3 + 2), 16);
}

const macBytes = (mac: string): readonly number[] => mac.split(':').map((part) => Number.parseInt(part, 16));

/** An Ethernet frame around an IP packet. */
export function frame(to: string, from: string, packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(14 + packet.length);
  bytes.set([...macBytes(to), ...macBytes(from), ...((packet[0] as number) >> 4 === 4 ? [0x08, 0x00] : [0x86, 0xdd])]);
  bytes.set(packet, 14);
  return bytes;
}

/** The IP packet of a frame; null where it carries something else. */
export function payloadOfFrame(bytes: Uint8Array): Uint8Array | null {
  const type = ((bytes[12] ?? 0) << 8) | (bytes[13] ?? 0);
  return type === 0x0800 || type === 0x86dd ? bytes.subarray(14) : null;
}

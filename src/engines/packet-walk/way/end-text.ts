import { formatAddress } from '#facts/address.ts';
import type { End } from '../packet.ts';

/** `10.0.0.1:80`, `[fd00::1]:80`, or the address alone where the port is open or the protocol has none. */
export function formatEnd({ address, port }: End): string {
  const text = formatAddress(address);
  if (port === null) return text;
  return address.family === 'ip' ? `${text}:${port}` : `[${text}]:${port}`;
}

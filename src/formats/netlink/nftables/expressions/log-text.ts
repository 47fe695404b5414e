import type { Fields } from '../fields.ts';

const levels = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'] as const;
const flagNames = { 1: 'tcp sequence', 2: 'tcp options', 4: 'ip options', 8: 'skuid', 16: '', 32: 'ether' } as const;
const allFlags = 0x2f;

/** net/netfilter/nft_log.c: GROUP 1, PREFIX 2, SNAPLEN 3, QTHRESHOLD 4, LEVEL 5, FLAGS 6; as nft lists it after `log`. */
export function logText(fields: Fields): string {
  const words: string[] = [];
  if (fields.has(2)) words.push(`prefix "${fields.text(2)}"`);
  if (fields.has(1)) words.push(`group ${fields.u16(1)}`);
  if (fields.has(3)) words.push(`snaplen ${fields.u32(3)}`);
  if (fields.has(4)) words.push(`queue-threshold ${fields.u16(4)}`);
  if (fields.has(5) && fields.u32(5) !== 4) words.push(`level ${fields.oneOf(5, levels)}`);
  if (fields.has(6) && fields.u32(6) === allFlags) words.push('flags all');
  else for (const flag of fields.flags(6, flagNames)) words.push(`flags ${flag}`);
  return words.join(' ');
}

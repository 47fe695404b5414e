import type { NftFamily } from '#facts/nft.ts';

/** Names of priorities, NF_IP_PRI_* and NF_BR_PRI_*. */
const names: Readonly<Record<string, number>> = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 };
const ofBridges: Readonly<Record<string, number>> = { dstnat: -300, filter: -200, out: 100, srcnat: 300 };

/** `filter`, `-5`, `filter - 5`, `mangle + 10`; null for others. */
export function priorityOf(words: readonly string[], family: NftFamily): number | null {
  const text = words.join(' ');
  const parts = /^(?:([a-z]+)|(-? ?\d{1,10}))(?: ([+-]) (\d{1,10}))?$/.exec(text);
  if (parts === null) return null;
  const table = family === 'bridge' ? ofBridges : names;
  const [, name, number, sign, offset] = parts;
  const base =
    name === undefined ? Number((number as string).replace(' ', '')) : Object.hasOwn(table, name) ? (table[name] as number) : null;
  if (base === null || offset === undefined) return base;
  return sign === '-' ? base - Number(offset) : base + Number(offset);
}

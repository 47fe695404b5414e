import type { NftFamily } from '#facts/nft.ts';
import { priorityOf } from './priorities.ts';

/** `type filter hook input priority filter`, with `device "eth0"` or `devices = { a, b }`, in the fields of `nft -j`. */
export function chainHead(words: readonly string[], family: NftFamily): Readonly<Record<string, unknown>> {
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  const priority = words.indexOf('priority');
  return {
    type: after('type'),
    hook: after('hook') ?? '',
    prio: priority < 0 ? null : priorityOf(words.slice(priority + 1), family),
    dev: devicesIn(words),
  };
}

export function devicesIn(words: readonly string[]): readonly string[] {
  const one = words.indexOf('device');
  if (one >= 0) return words.slice(one + 1, one + 2);
  const open = words.indexOf('devices');
  if (open < 0) return [];
  return words.slice(words.indexOf('{', open) + 1, words.indexOf('}', open)).filter((word) => word !== ',');
}

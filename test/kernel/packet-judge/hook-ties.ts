import type { NftHook } from '#facts/nft.ts';
import type { Snapshot } from '#facts/snapshot.ts';

/**
 * Whether hooks of nf_tables stand at one priority with each other, or just at the point of nat, conntrack or defragmentation: their order then is not
 * in a snapshot, and a walk shows one of several ways.
 */
export function hasNftTies({ kernelRules: { nft } }: Snapshot): boolean {
  const seen = new Map<string, string>();
  for (const { family, name, chains } of nft.kind === 'read' ? nft.value.tables : []) {
    for (const { base } of chains.values()) {
      if (base === null) continue;
      if (base.type !== 'nat' && ownPoints(base).includes(base.priority)) return true;
      for (const each of family === 'inet' ? ['ip', 'ip6'] : [family]) {
        const key = `${each} ${base.hook} ${base.type === 'nat'} ${base.priority}`;
        if ((seen.get(key) ?? name) !== name) return true;
        seen.set(key, name);
      }
    }
  }
  return false;
}

const ownPoints = ({ hook }: NftHook): readonly number[] => (hook === 'prerouting' || hook === 'output' ? [-400, -200, -100] : [100]);

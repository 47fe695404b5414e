import type { RuleSelector } from '#facts/packet-walk.ts';
import type { WalkTable } from './chain.ts';

export interface RuleIdentity {
  readonly table: WalkTable;
  readonly chain: string;
  readonly rule: number;
  readonly owner: () => string;
}

/** `--without`: all fields that a selector gives must fit. */
export function isLeftOut(without: readonly RuleSelector[], { table, chain, rule, owner }: RuleIdentity): boolean {
  return without.some(
    (each) =>
      (each.backend ?? table.backend) === table.backend &&
      (each.table ?? table.name) === table.name &&
      (each.chain ?? chain) === chain &&
      (each.rule ?? rule) === rule &&
      (each.owner === undefined || each.owner === owner()),
  );
}

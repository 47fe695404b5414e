import type { NftVerdict } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { type Code, fail, field, next, type Op, stop } from '../op.ts';
import type { RuleVerdict } from '../verdict.ts';
import { queue, verdictOp } from '../xt/target.ts';

/** nft_do_chain in net/netfilter/nf_tables_core.c: `continue` goes on in the rule, `break` ends it. */
export function verdictOps(verdict: NftVerdict): readonly Op[] {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'jump':
    case 'goto':
      return [verdictOp(verdict as RuleVerdict)];
    case 'continue':
      return [];
    case 'break':
      return [{ run: () => fail, asks: false, reads: field.none, markReads: 0, writes: false }];
    case 'queue':
      return [queueOp];
    default:
      return verdict satisfies never;
  }
}

const queueOp = queue();

/** The verdict of a map's element. */
export function follow(verdict: NftVerdict, machine: Machine): Code {
  switch (verdict.kind) {
    case 'continue':
      return next;
    case 'break':
      return fail;
    case 'queue':
      return queueOp.run(machine);
    default:
      machine.verdict = verdict as RuleVerdict;
      return stop;
  }
}

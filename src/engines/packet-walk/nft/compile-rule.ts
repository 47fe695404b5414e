import type { NftExpression, NftRule } from '#facts/nft.ts';
import type { Op } from '../op.ts';
import { reject } from '../verdict.ts';
import { notrack, queue, verdictOp } from '../xt/target.ts';
import { arithmetic, arithmeticOp } from './arithmetic.ts';
import { choiceOf, choiceOp } from './choice.ts';
import { compareTest, rangeTest, testOp } from './compare.ts';
import type { NftContext } from './context.ts';
import { ctSetOps } from './ct-set.ts';
import { dynsetOp } from './dynset.ts';
import { exthdrSetOp } from './exthdr.ts';
import { flowOffloadOp } from './flow-offload.ts';
import { fuse } from './fuse.ts';
import { hashOp } from './hash.ts';
import { loadOp } from './load.ts';
import { loadOf } from './loads.ts';
import { lookupOp } from './lookup.ts';
import { metaSetOps } from './meta-set.ts';
import { natOps } from './nat.ts';
import { objectOps } from './object.ts';
import { payloadSetOp } from './payload-set.ts';
import { synproxyOps } from './synproxy.ts';
import type { Place } from './told.ts';
import { tproxyOp } from './tproxy.ts';
import { chanceOp, unmodelledOp } from './unmodelled.ts';
import { verdictOps } from './verdict.ts';
import { xtMatchOps, xtTargetOps } from './xt.ts';

/** The expressions of a rule as operations, in order (nft_do_chain in net/netfilter/nf_tables_core.c). */
export function compileRule({ expressions }: NftRule, context: NftContext): readonly Op[] {
  const ops: Op[] = [];
  for (let position = 0; position < expressions.length; ) {
    const fused = fuse(expressions, position, context);
    if (fused !== null) {
      ops.push(fused.op);
      position += fused.count;
      continue;
    }
    ops.push(...opsOf(expressions, { context, position }));
    position++;
  }
  return ops;
}

function opsOf(expressions: readonly NftExpression[], place: Place): readonly Op[] {
  const expression = expressions[place.position] as NftExpression;
  const load = loadOf(expression, place.context);
  if (load !== null) return [loadOp(load)];
  switch (expression.kind) {
    case 'bitwise':
    case 'shift':
    case 'bitwise-registers':
    case 'byteorder':
    case 'immediate':
      return [arithmeticOp(arithmetic(expression, place.context.littleEndian))];
    case 'compare':
      return [testOp(compareTest(expression), expression.from, expression.value.length)];
    case 'range':
      return [testOp(rangeTest(expression), expression.from, expression.first.length)];
    case 'lookup':
      return [lookupOp(expression, place)];
    case 'numgen':
      return [choiceOp(choiceOf(expression, expressions, place.position + 1, place.context))];
    case 'hash':
      return [hashOp(expression, expressions, place)];
    default:
      return statementOps(expression, place);
  }
}

/** Expressions that do something, or leave the rule to chance. */
function statementOps(expression: NftExpression, place: Place): readonly Op[] {
  const { context } = place;
  switch (expression.kind) {
    case 'verdict':
      return verdictOps(expression.verdict);
    case 'counter':
    case 'last':
    case 'log':
    case 'dup':
      return [];
    case 'limit':
    case 'quota':
    case 'connlimit':
      return [chanceOp];
    case 'reject':
      return [verdictOp(reject)];
    case 'nat':
    case 'masquerade':
    case 'redirect':
      return natOps(expression, context);
    case 'notrack':
      return [notrack];
    case 'queue':
      return [queue()];
    case 'tproxy':
      return [tproxyOp(expression, context)];
    case 'meta-set':
      return metaSetOps(expression, context);
    case 'ct-set':
      return ctSetOps(expression, context);
    case 'payload-set':
      return [payloadSetOp(expression)];
    case 'exthdr-set':
      return [exthdrSetOp(expression)];
    case 'dynset':
      return [dynsetOp(expression, context)];
    case 'object':
      return objectOps(expression);
    case 'flow-offload':
      return [flowOffloadOp];
    case 'synproxy':
      return synproxyOps;
    case 'xt-match':
      return xtMatchOps(expression, place);
    case 'xt-target':
      return xtTargetOps(expression);
    case 'forward':
      return [verdictOp({ kind: 'undecided', because: `fwd is not modelled: ${expression.text}` })];
    case 'unmodelled':
      return [unmodelledOp(expression.name, expression.because)];
    default:
      return [unmodelledOp(expression.kind, 'no operation')];
  }
}

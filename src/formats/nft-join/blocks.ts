import type { Family } from '#facts/address.ts';
import type { NftExpression } from '#facts/nft.ts';

const loads = new Set<NftExpression['kind']>(['payload', 'meta', 'ct', 'fib', 'rt', 'socket', 'exthdr', 'numgen', 'hash']);
const followers = new Set<NftExpression['kind']>(['compare', 'bitwise', 'shift', 'byteorder', 'range', 'lookup']);

/**
 * The conditions of a rule as a set of texts: each is a load and what is asked of it. Their order does not matter, since nothing of them
 * changes the packet; that the protocol is asked for twice, or in the IP header, does not either.
 */
export function blocksOf(expressions: readonly NftExpression[], family: Family): ReadonlySet<string> {
  const blocks: NftExpression[][] = [];
  let open: NftExpression[] | null = null;
  for (const expression of expressions) {
    if (loads.has(expression.kind)) {
      open = [withoutHeader(expression, family)];
      blocks.push(open);
    } else if (open !== null && followers.has(expression.kind)) open.push(expression);
    else open = null;
  }
  return new Set(blocks.map(textOf));
}

/** `ip protocol` as `meta l4proto`. */
function withoutHeader(load: NftExpression, family: Family): NftExpression {
  const isProtocol = load.kind === 'payload' && load.base === 'network' && load.length === 1 && load.offset === (family === 'ip' ? 9 : 6);
  return isProtocol ? { kind: 'meta', key: 'l4proto', to: load.to } : load;
}

function textOf(block: readonly NftExpression[]): string {
  return JSON.stringify(block, (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value));
}

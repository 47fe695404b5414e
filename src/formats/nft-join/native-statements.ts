import { formatAddress, type Prefix } from '#facts/address.ts';
import type { Match, PortRange } from '#facts/rule.ts';

/** A statement as `nft -j` shows what iptables-nft makes of a match; null for a match that is always true. */
type Statement = { readonly match: { readonly op: string; readonly left: unknown; readonly right: unknown } } | null;

/**
 * Matches that iptables-nft writes without an extension (iptables 1.8.0 to 1.8.11), in the words of nft's JSON. Undefined: it has no such form.
 */
export function nativeStatement(match: Match): Statement | undefined {
  switch (match.kind) {
    case 'source':
    case 'destination':
      return address(match.prefix, match.kind === 'source' ? 'saddr' : 'daddr', match.negated);
    case 'in-interface':
    case 'out-interface':
      return interfaceName(match);
    case 'protocol':
      return compare({ meta: { key: 'l4proto' } }, match.number, match.negated);
    case 'fragment':
      return compare({ '&': [{ payload: { protocol: 'ip', field: 'frag-off' } }, 0x1fff] }, 0, !match.negated);
    case 'ports':
      return match.module === 'multiport' || match.side === 'either' || match.ranges.length !== 1
        ? undefined
        : compare(
            { payload: { protocol: match.module, field: match.side === 'source' ? 'sport' : 'dport' } },
            portsValue(match.ranges[0] as PortRange),
            match.negated,
          );
    case 'tcp-flags':
      return compare({ '&': [{ payload: { protocol: 'tcp', field: 'flags' } }, match.mask] }, match.set, match.negated);
    case 'mark':
      return match.of === 'packet' ? mark(match.value, match.mask, match.negated) : undefined;
    case 'transport-header':
    case 'comment':
      return null;
    default:
      return undefined;
  }
}

function compare(left: unknown, right: unknown, negated: boolean): Statement {
  return { match: { op: negated ? '!=' : '==', left, right } };
}

function address(prefix: Prefix, field: string, negated: boolean): Statement {
  const left = { payload: { protocol: prefix.family, field } };
  const { bits, family, words, mask } = prefix;
  const text = formatAddress({ family, words });
  if (bits === null) return compare({ '&': [left, formatAddress({ family, words: mask })] }, text, negated);
  if (bits === 0 && !negated) return null;
  return compare(left, bits === (family === 'ip' ? 32 : 128) ? text : { prefix: { addr: text, len: bits } }, negated);
}

function interfaceName(match: Extract<Match, { kind: 'in-interface' | 'out-interface' }>): Statement {
  const left = { meta: { key: match.kind === 'in-interface' ? 'iifname' : 'oifname' } };
  if (match.wildcard && match.name === '') return match.negated ? compare(left, 'INVAL/D', false) : null;
  return compare(left, match.wildcard ? `${match.name}*` : match.name, match.negated);
}

function portsValue({ first, last }: PortRange): unknown {
  return first === last ? first : { range: [first, last] };
}

function mark(value: number, mask: number, negated: boolean): Statement {
  const left = { meta: { key: 'mark' } };
  return compare(mask === 0xffffffff ? left : { '&': [left, mask] }, value, negated);
}

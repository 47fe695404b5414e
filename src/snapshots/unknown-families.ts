import type { Family } from '#facts/address.ts';
import type { RoutingRule } from '#facts/network.ts';
import { type Reading, read } from '#facts/result.ts';

type Rules = Extract<Reading<readonly RoutingRule[]>, { readonly kind: 'read' }>;

/** Rules of a family that a bundle lacks, or whose routes it lacks, stand as one that nobody can decide: walks of the other family need not care. */
export function withUnknownFamilies({ value, source }: Rules, hasRoutes: (family: Family) => boolean): Rules {
  const unknown = (['ip', 'ip6'] as const).filter((family) => !hasRoutes(family) || !value.some((rule) => rule.family === family));
  const rules = read([...unknown.map((family) => unknownRule(family, source)), ...value], source);
  return rules as Rules;
}

function unknownRule(family: Family, source: string): RoutingRule {
  return {
    family,
    priority: 0,
    table: null,
    action: 'lookup',
    from: null,
    to: null,
    mark: null,
    inInterface: null,
    outInterface: null,
    inverted: false,
    unmodelled: `the bundle has no rules or routes of ${family === 'ip' ? 'IPv4' : 'IPv6'}`,
    at: { source, line: 1 },
  };
}

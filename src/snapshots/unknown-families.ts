import type { Family } from '#facts/address.ts';
import type { RoutingRule } from '#facts/network.ts';
import { type Reading, read } from '#facts/result.ts';

type Rules = Extract<Reading<readonly RoutingRule[]>, { readonly kind: 'read' }>;

/** Rules of a family that a bundle lacks, or whose routes it lacks, stand as one that nobody can decide: walks of the other family need not care. */
export function withUnknownFamilies({ value, source }: Rules, hasRoutes: (family: Family) => boolean): Rules {
  const hasRules = (family: Family): boolean => value.some((rule) => rule.family === family);
  const unknown = (['ip', 'ip6'] as const).filter((family) => !hasRoutes(family) || !hasRules(family));
  const lacks = (family: Family): string => lackOf(family, hasRules(family), hasRoutes(family));
  const rules = read([...unknown.map((family) => unknownRule(family, lacks(family), source)), ...value], source);
  return rules as Rules;
}

/** What to add to the bundle. */
function lackOf(family: Family, hasRules: boolean, hasRoutes: boolean): string {
  const [version, option] = family === 'ip' ? ['IPv4', '-4'] : ['IPv6', '-6'];
  const lacking = [
    ...(hasRules ? [] : [`rules (ip ${option} -j rule)`]),
    ...(hasRoutes ? [] : [`routes (ip ${option} -j route show table all)`]),
  ];
  return `the bundle lacks the ${lacking.join(' and the ')} of ${version}`;
}

function unknownRule(family: Family, lacks: string, source: string): RoutingRule {
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
    unmodelled: lacks,
    lacks,
    at: { source, line: 1 },
  };
}

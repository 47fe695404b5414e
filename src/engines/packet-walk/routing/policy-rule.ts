import { prefixContains } from '#facts/address.ts';
import type { Route, RoutingRule } from '#facts/network.ts';
import type { FibTable } from './fib-table.ts';
import type { RouteQuery } from './route-query.ts';
import { type RuleWords, readRuleWords } from './rule-selectors.ts';

/** A rule of policy routing, made ready (net/core/fib_rules.c). */
export interface PolicyRule {
  readonly rule: RoutingRule;
  /** A string: why nobody can tell. */
  readonly fits: (query: RouteQuery) => boolean | string;
  readonly table: FibTable | null;
  /** What the rule answers itself: a route that refuses. */
  readonly refuses: Route | null;
  /** Why its action is not modelled. */
  readonly strange: string | null;
  readonly words: RuleWords;
}

export function policyRule(rule: RoutingRule, table: FibTable | null, hasVrf: boolean | null): PolicyRule {
  const words = readRuleWords(rule, hasVrf);
  const known = words ?? noWords;
  return {
    rule,
    fits:
      rule.lacks !== undefined
        ? () => rule.lacks as string
        : words === null
          ? () => `routing rule ${rule.priority} has selectors that are not modelled: ${rule.unmodelled}`
          : fitsOf(rule, words),
    table,
    refuses: refusalOf(rule),
    strange: actions.has(rule.action) ? null : `routing rule ${rule.priority} has action ${rule.action}`,
    words: known,
  };
}

const noWords: RuleWords = { selectors: [], isNop: false, goTo: null, suppressedBits: -1, suppressesGroup: false };
const actions = new Set(['lookup', 'to_tbl', 'nop', 'goto', 'blackhole', 'unreachable', 'prohibit']);

function fitsOf(rule: RoutingRule, { selectors }: RuleWords): PolicyRule['fits'] {
  if (selectors.length === 0) return (query) => fieldsFit(rule, query) !== rule.inverted;
  return (query) => {
    let open: string | null = null;
    let fits = fieldsFit(rule, query);
    for (const selector of fits ? selectors : []) {
      const found = selector(query);
      if (typeof found === 'string') open = found;
      else if (!found) fits = false;
    }
    return fits && open !== null ? open : fits !== rule.inverted;
  };
}

/** A packet without a source is none of a rule that names one; without an interface to leave by, of none that names that. */
function fieldsFit(rule: RoutingRule, query: RouteQuery): boolean {
  const { from, to, mark, inInterface, outInterface } = rule;
  if (from !== null && from.bits !== 0 && (query.source === null || !prefixContains(from, query.source))) return false;
  if (to !== null && !prefixContains(to, query.destination)) return false;
  if (mark !== null && ((query.mark ^ mark.value) & mark.mask) !== 0) return false;
  if (inInterface !== null && inInterface !== (query.inInterface ?? 'lo')) return false;
  return outInterface === null || outInterface === (query.outInterface ?? null);
}

function refusalOf({ action, family, priority, at, text }: RoutingRule): Route | null {
  if (action !== 'blackhole' && action !== 'unreachable' && action !== 'prohibit') return null;
  const words = family === 'ip' ? [0] : [0, 0, 0, 0];
  return {
    family,
    type: action,
    destination: { family, words, mask: words, bits: 0 },
    table: '',
    interface: null,
    gateway: null,
    source: null,
    scope: null,
    metric: priority,
    flags: [],
    multipath: false,
    at,
    ...(text !== undefined && { text }),
  };
}

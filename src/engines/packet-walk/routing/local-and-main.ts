import type { Route, RoutingRule } from '#facts/network.ts';

/** The rules that every namespace begins with. */
const given = ['0 local', '32766 main', '32767 default'];

/** Whether there are other rules of policy routing than those (fib_has_custom_rules in net/ipv4). */
export function hasCustomRules(rules: readonly RoutingRule[]): boolean {
  const plain = rules.filter((rule) => isPlain(rule)).map(({ priority, table }) => `${priority} ${table}`);
  return plain.length !== rules.length || plain.toSorted().join() !== given.toSorted().join();
}

function isPlain({ from, to, mark, inInterface, outInterface, inverted, unmodelled, action }: RoutingRule): boolean {
  const selects = [from, to].some((prefix) => prefix !== null && prefix.bits !== 0) || mark !== null;
  return (
    !selects &&
    inInterface === null &&
    outInterface === null &&
    !inverted &&
    unmodelled === '' &&
    (action === 'lookup' || action === 'to_tbl')
  );
}

/**
 * Until the first policy rule is made, IPv4 keeps the tables local and main as one, so that the longest prefix of both wins, and not local before main
 * (fib_trie_unmerge); afterwards they are two for good, even without rules. The routes of main that this makes a difference for.
 */
export function insideLocal(routes: readonly Route[]): readonly Route[] {
  const four = routes.filter(({ family, destination: { bits } }) => family === 'ip' && bits !== null);
  const wide = four.filter(({ table, destination }) => table === 'local' && destination.bits !== 32);
  if (wide.length === 0) return [];
  return four.filter(
    ({ table, destination }) =>
      table === 'main' &&
      wide.some(
        (local) =>
          (destination.bits as number) > (local.destination.bits as number) &&
          (((destination.words[0] as number) ^ (local.destination.words[0] as number)) & (local.destination.mask[0] as number)) === 0,
      ),
  );
}

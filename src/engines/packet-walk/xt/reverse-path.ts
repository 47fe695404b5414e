import type { Match } from '#facts/rule.ts';
import { field, type Op, openTest } from '../op.ts';
import type { RuleContext } from './rule-context.ts';
import { isTold } from './told.ts';

/** ipt_rpfilter.c, ip6t_rpfilter.c: the route back to the source must leave by the interface that the packet came in on. */
export function reversePathOp(match: Extract<Match, { readonly kind: 'reverse-path' }>, context: RuleContext): Op {
  const markReads = match.validMark ? 0xffffffff : 0;
  return openTest(
    field.tuple,
    (machine) => {
      const { packet, model } = machine;
      if (packet.inInterface === 'lo') return !match.inverted;
      const found = model.routing.lookup({
        destination: packet.source.address,
        source: packet.destination.address,
        inInterface: null,
        mark: match.validMark ? packet.mark : 0,
      });
      if (found.kind === 'missing') return isTold(machine, `match rpfilter: ${found.because}`, context, 'rpfilter');
      if (found.kind === 'none') return match.inverted;
      const { type, interface: out } = found.route;
      const passes = (type === 'unicast' || (type === 'local' && match.acceptLocal)) && (match.loose || out === packet.inInterface);
      return passes !== match.inverted;
    },
    markReads,
  );
}

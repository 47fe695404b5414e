import { type Family, formatPrefix } from '#facts/address.ts';
import type { RoutingRule } from '#facts/network.ts';
import { type Attributes, le32, textOfAttribute } from '../attributes.ts';
import { familyOfNumber, prefixOfBytes } from './address.ts';
import type { RouteMessage, Unreadable } from './each-message.ts';
import { tableName } from './names.ts';
import { unmodelledSelectors } from './rule-selectors.ts';

/** RTM_NEWRULE with struct fib_rule_hdr. */
export const ruleShape = { type: 32, header: 12 } as const;

/** FRA_... (include/uapi/linux/fib_rules.h). */
const attribute = { to: 1, from: 2, inInterface: 3, priority: 6, mark: 10, table: 15, mask: 16, outInterface: 17 } as const;
const inverted = 0x2;
/** FR_ACT_... `nop` and those without a name count as a selector that is not modelled. */
const actions = new Map([
  [1, 'lookup'],
  [2, 'goto'],
  [6, 'blackhole'],
  [7, 'unreachable'],
  [8, 'prohibit'],
]);

export function readRoutingRuleMessage(message: RouteMessage): RoutingRule | Unreadable | null {
  const { header, attributes, at } = message;
  const family = familyOfNumber(header.getUint8(0));
  if (family === null) return null;
  const from = selector(attributes, attribute.from, { bits: header.getUint8(2), family });
  const to = selector(attributes, attribute.to, { bits: header.getUint8(1), family });
  if (from === undefined || to === undefined) return { unreadable: 'address blocks in the selectors' };
  const table = le32(attributes.get(attribute.table)) ?? header.getUint8(4);
  const rule: Omit<RoutingRule, 'text'> = {
    family,
    priority: le32(attributes.get(attribute.priority)) ?? 0,
    table: table === 0 ? null : tableName(table),
    action: actions.get(header.getUint8(7)) ?? 'lookup',
    from,
    to,
    mark: markOf(attributes),
    inInterface: textOfAttribute(attributes.get(attribute.inInterface)),
    outInterface: textOfAttribute(attributes.get(attribute.outInterface)),
    inverted: (header.getUint32(8, true) & inverted) !== 0,
    unmodelled: unmodelledSelectors(message),
    at,
  };
  return { ...rule, text: textOfRule(rule) };
}

/** Null: any address; undefined: unreadable. */
function selector(
  attributes: Attributes,
  type: number,
  { bits, family }: { readonly bits: number; readonly family: Family },
): RoutingRule['from'] | undefined {
  const bytes = attributes.get(type);
  if (bytes === undefined && bits === 0) return null;
  return prefixOfBytes(bytes, bits, family) ?? undefined;
}

function markOf(attributes: Attributes): RoutingRule['mark'] {
  const value = le32(attributes.get(attribute.mark));
  const mask = le32(attributes.get(attribute.mask));
  return value === null && mask === null ? null : { value: value ?? 0, mask: mask ?? 0xffffffff };
}

function textOfRule({
  priority,
  from,
  to,
  mark,
  inInterface,
  outInterface,
  inverted: not,
  action,
  table,
  unmodelled,
}: Omit<RoutingRule, 'text'>): string {
  const words = [
    `${priority}:${not ? ' not' : ''} from ${from === null ? 'all' : formatPrefix(from)}`,
    to === null ? '' : ` to ${formatPrefix(to)}`,
    mark === null ? '' : ` fwmark 0x${mark.value.toString(16)}/0x${mark.mask.toString(16)}`,
    inInterface === null ? '' : ` iif ${inInterface}`,
    outInterface === null ? '' : ` oif ${outInterface}`,
    unmodelled === '' ? '' : ` ${unmodelled}`,
    table === null ? ` ${action}` : ` ${action} ${table}`,
  ];
  return words.join('');
}

import type { Match } from '#facts/rule.ts';
import type { Machine } from '../machine.ts';
import { field, type Op, openTest } from '../op.ts';
import { unknownPort } from '../way/bridges.ts';
import type { RuleContext } from './rule-context.ts';
import { isTold } from './told.ts';

type PhysicalDevice = Extract<Match, { readonly kind: 'physical-device' }>;

/** physdev_mt in xt_physdev.c: the bridge ports of a packet that br_netfilter has seen; without them what is asked for is not there. */
export function physicalDeviceOp(match: PhysicalDevice, context: RuleContext): Op {
  const asked = (option: string): boolean => match.options.some((each) => each.endsWith(option));
  const inverted = (option: string): boolean => match.options.includes(`! ${option}`);
  const compares = { in: match.inName, out: match.outName };
  /** What does not exist fits only where the option is inverted. */
  const fits = (option: string, exists: boolean): boolean => !asked(option) || exists !== inverted(option);
  return openTest(field.none, (machine) => {
    const { packet, model } = machine;
    if (packet.inPort === '') {
      if (model.routing.mayBridge(packet.inInterface) && model.snapshot.links.kind === 'missing') return told(machine, match, context);
      return match.options.every((option) => option.startsWith('! '));
    }
    const bridged = packet.outPort !== '';
    if (!fits('--physdev-is-bridged', bridged) || !fits('--physdev-is-in', true) || !fits('--physdev-is-out', bridged)) return false;
    if (compares.in !== null && packet.inPort === unknownPort) return told(machine, match, context);
    if (compares.in !== null && isNamed(packet.inPort, compares.in) === inverted('--physdev-in')) return false;
    return compares.out === null || (bridged && isNamed(packet.outPort, compares.out) !== inverted('--physdev-out'));
  });
}

function told(machine: Machine, { text }: PhysicalDevice, context: RuleContext): boolean {
  return isTold(machine, `match physdev: by which port of the bridge is not known: ${text}`, context, 'physdev');
}

const isNamed = (own: string, name: string): boolean => (name.endsWith('+') ? own.startsWith(name.slice(0, -1)) : own === name);

import { type Mutant, walk } from './mutant.ts';

/** Routes, source checks, bridges. */
export const routing: readonly Mutant[] = [
  {
    rule: 'PW5 unreachable and prohibit reject',
    file: walk('way/refusal.ts'),
    text: "      return 'reject';\n    case 'other':",
    replacement: "      return 'drop';\n    case 'other':",
    shapes: ['hostile'],
  },
  {
    rule: 'PW5 the input interface of IPv4 has its own switch',
    file: walk('way/forwarding.ts'),
    text: "settings.of('ipv4', inInterface, 'forwarding') ?? ",
    replacement: '',
    shapes: ['hostile'],
  },
  { rule: 'PW5 time to live of 1 is not forwarded', file: walk('way/forward.ts'), text: 'packet.ttl <= 1', replacement: 'packet.ttl <= 0' },
  { rule: 'PW5 forwarding takes one of the time to live', file: walk('way/forward.ts'), text: '  packet.ttl--;\n', replacement: '' },
  {
    rule: 'PW6 rpfilter wants the route back by the same interface',
    file: walk('xt/reverse-path.ts'),
    text: "return route.type === 'unicast' && (match.loose || usesInterface(route, packet.inInterface));",
    replacement: "return route.type === 'unicast';",
    shapes: ['coverage', 'calico'],
  },
  {
    rule: 'PW10 a looped packet has no new conntrack look',
    file: walk('way/loop-back.ts'),
    text: "packet.inInterface = 'lo';",
    replacement: "packet.inInterface = 'lo';\n  packet.tracked = 'INVALID';",
  },
  {
    rule: 'PW5 policy rules go by their priority',
    file: walk('routing.ts'),
    text: '.toSorted((a, b) => a.priority - b.priority)',
    replacement: '.toSorted((a, b) => b.priority - a.priority)',
    shapes: ['hostile'],
  },
  {
    rule: 'PW5 the longest prefix wins',
    file: walk('routing/fib-table.ts'),
    text: '.toSorted((a, b) => b - a)',
    replacement: '.toSorted((a, b) => a - b)',
    shapes: ['hostile'],
  },
  {
    rule: 'PW5 a throw route goes on to the next rule',
    file: walk('routing.ts'),
    text: "if (route === null || route.type === 'throw') return null;",
    replacement: 'if (route === null) return null;',
    shapes: ['hostile'],
  },
  {
    rule: "PW6 the node's own addresses are martians",
    file: walk('way/validate-source.ts'),
    text: 'return accepts > 0 ? null : { drop: "the source is one of the node\'s own addresses" };',
    replacement: 'return null;',
    shapes: ['hostile'],
  },
  {
    rule: 'PW6 rp_filter 1 wants the route back by the same interface',
    file: walk('way/validate-source.ts'),
    text: 'if (usesInterface(route, inInterface)) return null;',
    replacement: 'return null;',
    shapes: ['hostile'],
  },
  {
    rule: 'PW24 a frame leaves by the port that its receiver is behind',
    file: walk('way/bridges.ts'),
    text: '!entry.local && entry.mac.toLowerCase() === mac.toLowerCase()',
    replacement: '!entry.local && entry.mac.toLowerCase() !== mac.toLowerCase()',
    shapes: ['ethernet'],
  },
];

/** One semantic rule of the walk, switched off. */
export interface Mutant {
  /** Rule of docs/specs/packet-walk.md, and what is taken away. */
  readonly rule: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly replacement: string;
  /** Where to look for it first; all shapes where absent. */
  readonly shapes?: readonly string[];
}

const walk = (path: string): string => `src/engines/packet-walk/${path}`;

export const mutants: readonly Mutant[] = [
  { rule: 'PW2 raw runs before conntrack', file: walk('hooks.ts'), text: 'track: -200', replacement: 'track: -310' },
  { rule: 'PW2 conntrack runs before mangle', file: walk('hooks.ts'), text: 'track: -200', replacement: 'track: -140' },
  { rule: 'PW2 nat of destinations runs before filter', file: walk('hooks.ts'), text: 'destination: -100', replacement: 'destination: 10' },
  {
    rule: 'PW2 nat of destinations runs after mangle',
    file: walk('hooks.ts'),
    text: 'destination: -100',
    replacement: 'destination: -160',
  },
  { rule: 'PW2 nat of sources runs after mangle POSTROUTING', file: walk('hooks.ts'), text: 'source: 100', replacement: 'source: -160' },
  { rule: 'PW2 fragments are put together before raw', file: walk('hooks.ts'), text: 'defragment: -400', replacement: 'defragment: -250' },
  {
    rule: 'PW3 an accept ends only its own base chain',
    file: walk('run-hook.ts'),
    text: "    if (end !== 'accept') return end;\n    machine.group++;",
    replacement:
      "    if (end !== 'accept') return end;\n    if (machine.packet.mark === 1) { machine.program = null; return 'accept'; }\n    machine.group++;",
  },
  {
    rule: 'PW4 RETURN leaves the chain',
    file: walk('run-chain.ts'),
    text: "      machine.note(chain, rule, 'return');\n      leave(machine);",
    replacement: "      machine.note(chain, rule, 'return');\n      machine.position++;",
  },
  {
    rule: 'PW4 a jump comes back behind the rule that jumped',
    file: walk('run-chain.ts'),
    text: 'next: machine.position + 1',
    replacement: 'next: machine.position + 2',
  },
  {
    rule: 'PW4 a goto leaves no way back',
    file: walk('run-chain.ts'),
    text: "if (to.kind === 'jump') {",
    replacement: "if (to.kind !== 'accept') {",
  },
  {
    rule: 'PW4 what no rule decides takes the policy',
    file: walk('run-chain.ts'),
    text: "if (base.policy !== 'drop') return 'accept';",
    replacement: "if (base.policy !== null) return 'accept';",
  },
  {
    rule: 'PW5 a rule of policy routing looks at the mark',
    file: walk('routing.ts'),
    text: 'toSorted((a, b) => a.priority - b.priority)) {',
    replacement: 'toSorted((a, b) => b.priority - a.priority)) {',
    shapes: ['hostile'],
  },
  {
    rule: 'PW5 the longest prefix wins',
    file: walk('routing.ts'),
    text: '(b.destination.bits ?? 0) - (a.destination.bits ?? 0)',
    replacement: '(a.destination.bits ?? 0) - (b.destination.bits ?? 0)',
    shapes: ['hostile'],
  },
  {
    rule: 'PW5 unreachable and prohibit reject',
    file: walk('way/refusal.ts'),
    text: "      return 'reject';\n    case 'other':",
    replacement: "      return 'drop';\n    case 'other':",
    shapes: ['hostile'],
  },
  {
    rule: 'PW5 a throw route goes on to the next rule',
    file: walk('routing.ts'),
    text: "if (route !== null && route.type !== 'throw')",
    replacement: 'if (route !== null)',
    shapes: ['hostile'],
  },
  {
    rule: 'PW5 the input interface of IPv4 has its own switch',
    file: walk('way/forwarding.ts'),
    text: '.forwarding`) ?? ',
    replacement: '.none`) ?? ',
    shapes: ['hostile'],
  },
  { rule: 'PW5 time to live of 1 is not forwarded', file: walk('way/forward.ts'), text: 'packet.ttl <= 1', replacement: 'packet.ttl <= 0' },
  { rule: 'PW5 forwarding takes one of the time to live', file: walk('way/forward.ts'), text: '  packet.ttl--;\n', replacement: '' },
  {
    rule: "PW6 the node's own addresses are martians",
    file: walk('way/source-checks.ts'),
    text: 'if (acceptLocal > 0) return null;',
    replacement: 'return null;',
    shapes: ['hostile'],
  },
  {
    rule: 'PW6 rp_filter 1 wants the route back by the same interface',
    file: walk('way/source-checks.ts'),
    text: 'if (filter === 0) return null;',
    replacement: 'if (filter !== null) return null;',
    shapes: ['hostile'],
  },
  { rule: 'PW7 nat does not run without conntrack', file: walk('run-hook.ts'), text: ' || machine.conntrackIsOff', replacement: '' },
  {
    rule: 'PW7 a rule in a chain that no hook reaches turns conntrack on',
    file: walk('tracking.ts'),
    text: "  'conntrack-state',\n",
    replacement: '',
  },
  { rule: 'PW7 nat looks at first packets only', file: walk('run-hook.ts'), text: "packet.direction === 'REPLY' || ", replacement: '' },
  {
    rule: 'PW8 the first nat chain that binds wins',
    file: walk('run-hook.ts'),
    text: '(skipsNat(machine) || isBound(machine))',
    replacement: 'skipsNat(machine)',
  },
  {
    rule: 'PW8 hooks of equal priority run in both orders',
    file: walk('run-hook.ts'),
    text: 'if (matters()) askOrder(group, machine);\n  else machine',
    replacement: 'machine',
  },
  {
    rule: 'PW9 filter sees the destination after DNAT',
    file: walk('nat.ts'),
    text: 'if (!same) packet.destination = end;',
    replacement: '',
  },
  {
    rule: 'PW9 a port in the range of DNAT stays',
    file: walk('nat.ts'),
    text: 'if (!randomPort && ports.first <= own && own <= ports.last) return own;',
    replacement: '',
  },
  {
    rule: 'PW9 MASQUERADE may draw a port',
    file: walk('nat.ts'),
    text: 'if (own === null || (ports === null && randomPort)) return null;',
    replacement: 'if (own === null) return null;',
  },
  {
    rule: 'PW9 ctstate DNAT matches what was rewritten',
    file: walk('xt/conntrack.ts'),
    text: "(states.includes('DNAT') && original.destination !== translated.destination)",
    replacement: 'false',
  },
  {
    rule: 'PW9 ctorigdst is the destination before DNAT',
    file: walk('xt/conntrack.ts'),
    text: 'origdst: original.destination',
    replacement: 'origdst: translated.destination',
  },
  {
    rule: 'PW9 ctreplsrc is who answers',
    file: walk('xt/conntrack.ts'),
    text: 'replsrc: translated.destination',
    replacement: 'replsrc: original.destination',
  },
  {
    rule: 'PW9 OUTPUT sees the interface of the first routing',
    file: walk('way/output.ts'),
    text: "  machine.packet.outInterface = machine.routed;\n  return 'output-hook';",
    replacement: "  return 'output-hook';",
  },
  {
    rule: 'PW11 a bad checksum is INVALID',
    file: walk('way/first-state.ts'),
    text: "if (packet.badChecksum && checksummed.has(probe.protocol)) return 'INVALID';",
    replacement: '',
  },
  {
    rule: 'PW11 a null packet is INVALID',
    file: walk('way/first-state.ts'),
    text: 'if (!validFlags.has(flags)) return false;',
    replacement: 'if (flags === 0) return true;',
  },
  {
    rule: 'PW11 a bare ACK begins a flow',
    file: walk('way/first-state.ts'),
    text: "?.value.trim() !== '0'",
    replacement: "?.value.trim() === '0'",
  },
  {
    rule: 'PW11 an echo reply begins no flow',
    file: walk('way/first-state.ts'),
    text: 'new Set([8, 13, 15, 17])',
    replacement: 'new Set([0, 8, 13, 15, 17])',
  },
  { rule: 'PW12 what is not tracked skips nat', file: walk('run-hook.ts'), text: '!hasConnection(packet) || ', replacement: '' },
  {
    rule: 'PW12 connmark never matches without a connection',
    file: walk('xt/match.ts'),
    text: "if (packet.tracked === 'INVALID' || packet.tracked === 'UNTRACKED') return false;",
    replacement: '',
  },
  {
    rule: 'PW13 MARK toggles what lies outside the mask',
    file: walk('xt/target.ts'),
    text: '((mark & ~mask) ^ value) >>> 0',
    replacement: '((mark & ~mask) | value) >>> 0',
  },
  {
    rule: 'PW13 a match compares under its mask',
    file: walk('xt/match.ts'),
    text: '((packet.mark & mask) >>> 0 === value) !== negated, mask)',
    replacement: '(packet.mark === value) !== negated, mask)',
  },
  {
    rule: 'PW13 CONNMARK carries a mark to the reply',
    file: walk('xt/target.ts'),
    text: 'packet.connection = { ...packet.connection, mark: changed };',
    replacement: '',
  },
  {
    rule: 'PW14 too few directions never match',
    file: walk('set-index.ts'),
    text: 'directions.length < dimensions.length || ',
    replacement: '',
  },
  {
    rule: 'PW14 the longest prefix decides',
    file: walk('set-index.ts'),
    text: 'return best !== undefined && !best.nomatch;',
    replacement: 'return best !== undefined;',
  },
  {
    rule: 'PW14 ICMP counts type and code as the port',
    file: walk('set-index.ts'),
    text: 'packet.icmp.type * 256 + packet.icmp.code',
    replacement: 'packet.icmp.type',
  },
  {
    rule: 'PW16 an address is LOCAL on the interface that the match names',
    file: walk('xt/address-type.ts'),
    text: '(onInterface !== null && route.interface !== onInterface)',
    replacement: 'false',
  },
  {
    rule: 'PW16 IPv6 calls its own addresses UNICAST, too',
    file: walk('xt/address-type.ts'),
    text: "(wanted === 'UNICAST' && type === 'LOCAL')",
    replacement: 'false',
  },
  {
    rule: 'PW a cut header drops the packet at an xt match',
    file: walk('xt/ports.ts'),
    text: 'if (length !== null && length < bytes) {\n      machine.verdict = drop;\n      return stop;\n    }',
    replacement: 'if (length !== null && length < bytes) return fail;',
  },
  {
    rule: 'PW a TCP fragment at offset 1 is dropped at an xt match',
    file: walk('xt/ports.ts'),
    text: "if (module !== 'tcp' || packet.fragmentOffset !== 8) return fail;",
    replacement: 'return fail;',
  },
  {
    rule: 'PW rpfilter wants the route back by the same interface',
    file: walk('xt/reverse-path.ts'),
    text: '(match.loose || out === packet.inInterface)',
    replacement: 'true',
    shapes: ['coverage', 'calico'],
  },
  {
    rule: 'PW a looped packet has no new conntrack look',
    file: walk('way/loop-back.ts'),
    text: "packet.inInterface = 'lo';",
    replacement: "packet.inInterface = 'lo';\n  packet.tracked = 'INVALID';",
  },
];

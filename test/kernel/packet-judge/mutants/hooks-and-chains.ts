import { type Mutant, walk } from './mutant.ts';

/** The order of hooks, what ends a chain and a packet, fragments. */
export const hooksAndChains: readonly Mutant[] = [
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
  {
    rule: 'PW22 fragments are put together before raw',
    file: walk('hooks.ts'),
    text: 'defragment: -400',
    replacement: 'defragment: -250',
    shapes: ['coverage', 'hostile'],
  },
  {
    rule: 'PW3 an accept ends only its own base chain',
    file: walk('run-hook.ts'),
    text: "    if (end !== 'accept') return end;\n    machine.group++;",
    replacement:
      "    if (end !== 'accept') return end;\n    if (machine.packet.mark === 1) { machine.program = null; return 'accept'; }\n    machine.group++;",
    shapes: ['coverage', 'hostile'],
  },
  {
    rule: 'PW4 RETURN leaves the chain',
    file: walk('run-rule.ts'),
    text: "      machine.note(chain, rule, 'return');\n      return leave(machine);",
    replacement: "      machine.note(chain, rule, 'return');\n      machine.position++;\n      return null;",
  },
  {
    rule: 'PW4 a jump comes back behind the rule that jumped',
    file: walk('run-rule.ts'),
    text: 'next: machine.position + 1',
    replacement: 'next: machine.position + 2',
  },
  {
    rule: 'PW4 a goto leaves no way back',
    file: walk('run-rule.ts'),
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
    rule: 'PW7 nat does not run without conntrack',
    file: walk('way/kernel-members.ts'),
    text: '} else machine.conntrackIsOff = !known;',
    replacement: '} else machine.conntrackIsOff = false;',
    shapes: ['untracked'],
  },
  {
    rule: 'PW7 a match of the state turns conntrack on',
    file: walk('tracking.ts'),
    text: "  'conntrack-state',\n",
    replacement: '',
    shapes: ['untracked'],
  },
  {
    rule: 'PW8 the first nat chain that binds wins',
    file: walk('run-hook.ts'),
    text: '(skipsNat(machine) || isBound(machine))',
    replacement: 'skipsNat(machine)',
  },
  {
    rule: 'PW7 nat looks at first packets only, and only at those that are tracked',
    file: walk('nat-point.ts'),
    text: "packet.direction === 'REPLY' || !hasConnection(packet) || packet.tracked !== 'NEW' || ",
    replacement: '',
  },
  {
    rule: 'PW20 hooks of equal priority run in both orders',
    file: walk('run-hook.ts'),
    text: 'askOrder(group, machine);\n  else machine.passGroup',
    replacement: 'machine.passGroup(machine.beforeGroup, group.members);\n  else machine.passGroup',
  },
  {
    rule: 'PW22 IPv4 puts fragments together before INPUT',
    file: walk('way/input.ts'),
    text: "packet.family === 'ip' && reassemble(machine) === 'drop'",
    replacement: 'false',
    shapes: ['untracked'],
  },
];

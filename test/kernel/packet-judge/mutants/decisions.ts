import { type Mutant, walk } from './mutant.ts';

/**
 * The short cuts of decisions, which the judge compares with walks that note every step. Rarer ones are guarded by tests of their own (segments/short-cuts.test.ts,
 * segments/decisions.test.ts).
 */
export const decisions: readonly Mutant[] = [
  {
    rule: 'PW27 what a run of rules looked at tells packets apart',
    file: walk('segments/watched-packet.ts'),
    text: '  seen.add(look);\n  onLook(look);',
    replacement: "  seen.add(look);\n  if (look !== 'mark') onLook(look);",
  },
  {
    rule: 'PW27 a run that looks at addresses holds for no other packet',
    file: walk('segments/watched-packet.ts'),
    text: "      this.watch.isOpen = true;\n      if (name !== 'destination')",
    replacement: "      if (name !== 'destination')",
  },
  {
    rule: 'PW27 a way that answers again takes no fan',
    file: walk('segments/fan.ts'),
    text: '!isAnsweringAgain &&',
    replacement: '(isAnsweringAgain || true) &&',
    shapes: ['kube-proxy'],
  },
  {
    rule: 'PW27 siblings part where their routes do',
    file: walk('way/part-at-route.ts'),
    text: 'return hop.interface === other.interface && sameGateway(hop.gateway, other.gateway);',
    replacement: 'return true;',
    shapes: ['kube-proxy'],
  },
  {
    rule: 'PW27 siblings part where a condition tells them apart',
    file: walk('siblings.ts'),
    text: 'if (other === code && (code !== stop || machine.verdict === verdict)) continue;',
    replacement: 'if (other !== null) continue;',
  },
  {
    rule: 'PW27 a rule that asked asks the same when it runs after all',
    file: walk('segments/pass-tree.ts'),
    text: 'if (!isUsable) machine.beginAgain();',
    replacement: '',
  },
  {
    rule: 'PW27 routes are remembered by destination only where nothing else was looked at',
    file: walk('routing.ts'),
    text: 'if (!watched.isLookedAt) {',
    replacement: '{',
  },
  {
    rule: 'PW27 siblings are routed as one only where all leave alike',
    file: walk('way/part-at-route.ts'),
    text: 'fork.route = isWhole ? own : null;',
    replacement: 'fork.route = own;',
    shapes: ['kube-proxy'],
  },
  {
    rule: 'PW27 what the last base chain of a series drops is dropped',
    file: walk('segments/record.ts'),
    text: "(place.base.policy ?? 'accept')",
    replacement: "'accept'",
  },
  {
    rule: 'PW27 a series of nat is passed over by what is no first packet',
    file: walk('segments/pass-series.ts'),
    text: 'if (series.nat && (skipsNat(machine) || isBound(machine)))',
    replacement: 'if (series.nat && isBound(machine))',
  },
];

import { type Mutant, walk } from './mutant.ts';

/** The short cuts of decisions, which the judge compares with walks that note every step. */
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
    text: '      this.watch.isOpen = true;\n      return this.own[name];',
    replacement: '      return this.own[name];',
  },
  {
    rule: 'PW27 a condition behind a write is left to its rule',
    file: walk('segments/record.ts'),
    text: 'watch.written.size > 0',
    replacement: 'false',
  },
  {
    rule: 'PW27 a way that answers again takes no fan',
    file: walk('segments/fan.ts'),
    text: 'machine.isAnsweringAgain',
    replacement: 'false',
    shapes: ['kube-proxy'],
  },
  {
    rule: 'PW27 an endpoint that comes to itself takes no fan',
    file: walk('segments/fan.ts'),
    text: 'if (notFrom[i] === from) return false;',
    replacement: 'if (notFrom[i] === from) break;',
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
    file: walk('segments/pass-segment.ts'),
    text: 'if (!isUsable) machine.beginAgain();',
    replacement: '',
  },
  {
    rule: 'PW27 routes are remembered by destination only where nothing else was looked at',
    file: walk('routing.ts'),
    text: 'if (!watched.isLookedAt) {',
    replacement: '{',
  },
];

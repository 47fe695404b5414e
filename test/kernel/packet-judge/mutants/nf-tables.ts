import { type Mutant, walk } from './mutant.ts';

/** Expressions of nf_tables. */
export const nfTables: readonly Mutant[] = [
  {
    rule: 'PW17 a comparison may be negated',
    file: walk('nft/compare.ts'),
    text: '      return (registers) => negated(isEqual(registers, from, words, length));',
    replacement: '      return (registers) => isEqual(registers, from, words, length);',
    shapes: ['native'],
  },
  {
    rule: 'PW17 numbers compare in the order of the network',
    file: walk('nft/compare.ts'),
    text: 'if (own !== other) return own < other ? -1 : 1;',
    replacement: 'if (own !== other) return own > other ? -1 : 1;',
    shapes: ['native'],
  },
  {
    rule: 'PW17 continue in a verdict map goes on in the rule',
    file: walk('nft/verdict.ts'),
    text: "    case 'continue':\n      return next;",
    replacement: "    case 'continue':\n      return fail;",
    shapes: ['native'],
  },
  {
    rule: 'PW17 nat of another family goes on',
    file: walk('nft/nat.ts'),
    text: "expression.family !== family && expression.family !== 'inet'",
    replacement: 'false',
    shapes: ['others', 'native', 'hostile'],
  },
  {
    rule: 'PW17 ct original is the tuple before nat',
    file: walk('nft/ct.ts'),
    text: 'return source ? original.source : original.destination;',
    replacement: 'return source ? translated.source : translated.destination;',
    shapes: ['native', 'hostile'],
  },
  {
    rule: 'PW17 ct status tells of destination nat',
    file: walk('nft/ct.ts'),
    text: 'bits |= status.destinationNat;',
    replacement: 'bits |= status.sourceNat;',
    shapes: ['native', 'others'],
  },
  {
    rule: 'PW17 payload statements rewrite ports',
    file: walk('nft/payload-set.ts'),
    text: 'destination: { ...destination, port: value & 0xffff }',
    replacement: 'destination',
    shapes: ['native', 'hostile'],
  },
  {
    rule: 'PW17 payload statements need the checksum to be there',
    file: walk('nft/payload-set.ts'),
    text: "if (!hasChecksum(expression, machine.packet) && !isTold(machine, 'payload set without a checksum to mend', 'checksum')) return fail;",
    replacement: '',
    shapes: ['native', 'hostile'],
  },
];

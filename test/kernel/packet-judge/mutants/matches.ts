import { type Mutant, walk } from './mutant.ts';

/** What single matches look at. */
export const matches: readonly Mutant[] = [
  {
    rule: 'PW16 an address is LOCAL on the interface that the match names',
    file: walk('xt/address-type.ts'),
    text: "const on = limit === null ? null : limit === 'in' ? packet.inInterface : packet.outInterface;",
    replacement: 'const on = limit === null ? null : null;',
    shapes: ['coverage', 'calico'],
  },
  {
    rule: 'PW16 IPv6 calls all but multicast UNICAST',
    file: walk('xt/address-type.ts'),
    text: "if (!types.some((type) => type === 'LOCAL'",
    replacement: "if (types.includes('UNICAST')) return false;\n  if (!types.some((type) => type === 'LOCAL'",
  },
  {
    rule: 'PW23 a cut header drops the packet at an xt match',
    file: walk('xt/ports.ts'),
    text: 'if (length !== null && length < bytes) {\n      machine.verdict = drop;\n      return stop;\n    }',
    replacement: 'if (length !== null && length < bytes) return fail;',
    shapes: ['untracked', 'coverage'],
  },
  {
    rule: 'PW23 a TCP fragment at offset 1 is dropped at an xt match',
    file: walk('xt/ports.ts'),
    text: "if (module !== 'tcp' || packet.family !== 'ip' || packet.fragmentOffset !== 8) return fail;",
    replacement: 'return fail;',
    shapes: ['untracked'],
  },
  {
    rule: 'PW14 too few directions never match',
    file: walk('sets/set-index.ts'),
    text: 'directions.length < type.parts.length || ',
    replacement: '',
    shapes: ['sets'],
  },
  {
    rule: 'PW14 nomatch is a no',
    file: walk('sets/set-index.ts'),
    text: '.nomatch === returnNomatch;',
    replacement: '.nomatch !== null;',
    shapes: ['sets'],
  },
  {
    rule: 'PW14 ICMP counts type and code as the port',
    file: walk('sets/packet-words.ts'),
    text: 'icmp.type * 256 + icmp.code',
    replacement: 'icmp.type',
    shapes: ['sets'],
  },
  {
    rule: 'PW14 a protocol without ports has port 0',
    file: walk('sets/packet-words.ts'),
    text: 'if (!hasTransportHeader(packet, header)) return false;',
    replacement: '',
    shapes: ['sets'],
  },
];

import { type Mutant, walk } from './mutant.ts';

/** Conntrack, nat and marks. */
export const connections: readonly Mutant[] = [
  {
    rule: 'PW9 filter sees the destination after DNAT',
    file: walk('nat.ts'),
    text: '    packet.destination = end;\n  }',
    replacement: '  }',
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
    text: "(states.includes('DNAT') && isTranslated('destination'))",
    replacement: 'false',
    shapes: ['coverage'],
  },
  {
    rule: 'PW9 ctorigdst is the destination before DNAT',
    file: walk('xt/conntrack.ts'),
    text: 'origdst: original.destination',
    replacement: 'origdst: translated.destination',
    shapes: ['coverage'],
  },
  {
    rule: 'PW9 ctreplsrc is who answers',
    file: walk('xt/conntrack.ts'),
    text: 'replsrc: translated.destination',
    replacement: 'replsrc: original.destination',
    shapes: ['coverage'],
  },
  {
    rule: 'PW9 OUTPUT sees the interface of the first routing',
    file: walk('way/output.ts'),
    text: "  machine.packet.outInterface = machine.routed;\n  return 'output-hook';",
    replacement: "  return 'output-hook';",
  },
  {
    rule: 'PW11 a bad checksum is INVALID',
    file: walk('way/tracker-checks.ts'),
    text: 'return packet.badChecksum && checked.has(protocol) && isOn(machine);',
    replacement: 'return false;',
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
    text: 'if (kind === flag.ack) return isLoose;',
    replacement: 'if (kind === flag.ack) return !isLoose;',
  },
  {
    rule: 'PW11 an echo reply begins no flow',
    file: walk('way/first-state.ts'),
    text: 'new Set([8, 13, 15, 17])',
    replacement: 'new Set([0, 8, 13, 15, 17])',
  },
  {
    rule: 'PW12 connmark never matches without a connection',
    file: walk('xt/match.ts'),
    text: 'if (!packet.isTemplated && !hasConnection(packet)) return false;',
    replacement: '',
    shapes: ['coverage'],
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
    shapes: ['coverage'],
  },
  {
    rule: 'PW21 a reply in another zone is none of its connection',
    file: walk('way/reply.ts'),
    text: ' && packet.zone.reply === packet.connection.zone.reply',
    replacement: '',
    shapes: ['coverage', 'hostile'],
  },
];

import { expect, test } from 'vitest';
import type { PacketWalk, WalkStep } from '#facts/packet-walk.ts';
import { packetWalkText } from './packet-walk-text.ts';

const step = (change: Partial<WalkStep>): WalkStep => ({
  hook: 'input',
  backend: 'nft',
  family: 'ip',
  table: 'filter',
  chain: 'INPUT',
  rule: 1,
  text: '-j cali-INPUT',
  effect: 'jump',
  source: 'netfilter/iptables-nft-save',
  line: 5,
  ...change,
});
const drop = { chain: 'cali-from-wl-dispatch', rule: 7, text: '-m comment --comment "Unknown\u001b[2J" -j DROP', line: 9 };
const walk: PacketWalk = {
  request: { verdict: 'delivered', because: null, steps: [], out: { interface: 'cali1', from: '10.0.0.1:4', to: '10.0.0.2:80', mark: 0 } },
  reply: { verdict: 'dropped', because: null, out: null, steps: [step({}), step({ ...drop, effect: 'drop' })] },
  blame: { leg: 'reply', backend: 'nft', family: 'ip', table: 'filter', source: 'netfilter/iptables-nft-save', packets: 3, ...drop },
  undecided: [],
};

test('the picture marks the rule that dropped, and escapes what rules hold', () => {
  expect(packetWalkText(walk, { title: 'host -> 10.0.0.2:80', wide: false })).toMatchInlineSnapshot(`
    "host -> 10.0.0.2:80   request delivered · reply DROPPED

     request  leaves by cali1: 10.0.0.1:4 -> 10.0.0.2:80
     reply    input         nft     filter  INPUT #1                       -j cali-INPUT
                          > nft     filter  cali-from-wl-dispatch #7       -m comment --comment "Unknown\\x1b[2J" -j DROP
    "
  `);
});

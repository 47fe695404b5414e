import { expect, test } from 'vitest';
import type { PacketWalk, WalkStep } from '#facts/packet-walk.ts';
import { packetWalkText } from './packet-walk-text.ts';
import { plain } from './palette.ts';

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
  expect(
    packetWalkText(walk, { title: 'host -> 10.0.0.2:80', detail: 'text', width: 120, palette: plain, without: null }),
  ).toMatchInlineSnapshot(`
    "host -> 10.0.0.2:80   request delivered · reply DROPPED

     request  leaves by cali1: 10.0.0.1:4 -> 10.0.0.2:80
     reply    input       > nft     filter  cali-from-wl-dispatch #7  -m comment --comment "Unknown\\x1b[2J" -j DROP
    "
  `);
});

test('a jump that came back with nothing is left out, the jumps that led to the drop stay', () => {
  const steps = [
    step({ hook: 'prerouting', table: 'raw', chain: 'PREROUTING', text: '-j cali-PREROUTING' }),
    step({ hook: 'prerouting', table: 'raw', chain: 'cali-PREROUTING', text: '-j MARK --set-xmark 0x0/0xf0000', effect: 'set-mark' }),
    step({ text: '-j KUBE-FIREWALL' }),
    step({ rule: 2, text: '-m comment --comment "cali:AAAAAAAAAAAAAAAA" -j cali-INPUT' }),
    step({ chain: 'cali-INPUT', text: '-i cali+ -g cali-from-wl-dispatch', effect: 'goto' }),
    step({ ...drop, effect: 'drop' }),
  ];
  const lost: PacketWalk = { ...walk, reply: { verdict: 'dropped', because: null, out: null, steps } };
  const without = {
    selector: 'owner=calico,backend=nft',
    walk: { ...walk, reply: { verdict: 'delivered' as const, because: null, steps: [], out: null } },
  };
  expect(packetWalkText(lost, { title: 'a -> b', detail: 'text', width: 120, palette: plain, without })).toMatchInlineSnapshot(`
    "a -> b   request delivered · reply DROPPED

     request  leaves by cali1: 10.0.0.1:4 -> 10.0.0.2:80
     reply    input         nft     filter  INPUT #2                  -j cali-INPUT
                            nft     filter  cali-INPUT #1             -i cali+ -g cali-from-wl-dispatch
                          > nft     filter  cali-from-wl-dispatch #7  -m comment --comment "Unknown\\x1b[2J" -j DROP
     without these rules (--without owner=calico,backend=nft): delivered both ways
    "
  `);
});

test('minimal is the verdicts and the rule to blame', () => {
  expect(packetWalkText(walk, { title: 'host -> 10.0.0.2:80', detail: 'minimal', width: 120, palette: plain, without: null })).toBe(
    'host -> 10.0.0.2:80   request delivered · reply DROPPED\n' +
      ' reply lost at nft ip filter cali-from-wl-dispatch #7: -m comment --comment "Unknown\\x1b[2J" -j DROP\n',
  );
});

test('where it is lost on every way, and not always at one rule, none is marked and all are named', () => {
  const [first] = [walk.blame].filter((each) => each !== null);
  if (first === undefined) throw new Error('no blame');
  const lost: PacketWalk = { ...walk, blames: [first, { ...first, chain: 'mine', rule: 1, text: 'drop' }] };
  expect(
    packetWalkText(lost, { title: 'host -> 10.0.0.2:80', detail: 'text', width: 120, palette: plain, without: null }),
  ).toMatchInlineSnapshot(`
    "host -> 10.0.0.2:80   request delivered · reply DROPPED

     request  leaves by cali1: 10.0.0.1:4 -> 10.0.0.2:80
     reply    input         nft     filter  cali-from-wl-dispatch #7  -m comment --comment "Unknown\\x1b[2J" -j DROP
     lost on every way, by nft ip filter cali-from-wl-dispatch #7: -m comment --comment "Unknown\\x1b[2J" -j DROP
     or by nft ip filter mine #1: drop
    "
  `);
});

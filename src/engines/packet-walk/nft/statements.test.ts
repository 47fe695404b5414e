import { describe, expect, test } from 'vitest';
import type { NftExpression } from '#facts/nft.ts';
import type { PacketWalk, Probe } from '#facts/packet-walk.ts';
import {
  bytes,
  compared,
  drop,
  element,
  gre,
  masked,
  matches,
  meta,
  type NftScene,
  payload,
  ping,
  setOf,
  tcp,
  tcp6,
  udp,
  walkNft,
} from '../../../../test/support/walk-nft.ts';

const outcome = ({ request, undecided }: PacketWalk): string =>
  request.verdict === 'undecided' ? (request.because === 'outcome-depends' ? 'depends' : (undecided[0]?.because ?? '')) : request.verdict;
const run = (rule: readonly NftExpression[], probe: Probe = tcp, scene: NftScene = {}): string => outcome(walkNft([rule], probe, scene));
const immediate = (...value: readonly number[]): NftExpression => ({ kind: 'immediate', to: 0, value: bytes(...value) });

test.each<readonly [title: string, rule: readonly NftExpression[], probe: Probe, expected: string]>([
  ['accept ends the base chain', [{ kind: 'verdict', verdict: { kind: 'accept' } }, drop], tcp, 'delivered'],
  ['continue goes on in the rule', [{ kind: 'verdict', verdict: { kind: 'continue' } }, drop], tcp, 'dropped'],
  ['break ends the rule', [{ kind: 'verdict', verdict: { kind: 'break' } }, drop], tcp, 'delivered'],
  ['reject', [{ kind: 'reject', type: 'icmpx-unreachable', code: 1 }], tcp, 'rejected'],
  ['a queue depends on who listens', [{ kind: 'queue', first: 0, last: 0, register: null, bypass: false }], tcp, 'depends'],
  ['a queue that may be bypassed depends, too', [{ kind: 'queue', first: 0, last: 0, register: null, bypass: true }], tcp, 'depends'],
  [
    'counters, logs and copies change nothing',
    [{ kind: 'counter', packets: 0, bytes: 0 }, { kind: 'last' }, { kind: 'log', prefix: '', text: '' }, { kind: 'dup', text: '' }, drop],
    tcp,
    'dropped',
  ],
  ['a limit depends', [{ kind: 'limit', rate: 1, per: 1, burst: 1, unit: 'packets', over: true }, drop], tcp, 'depends'],
  ['a quota depends', [{ kind: 'quota', bytes: 1, over: false }, drop], tcp, 'depends'],
  ['a count of connections depends', [{ kind: 'connlimit', count: 1, over: false }, drop], tcp, 'depends'],
  ['a named limit depends', [{ kind: 'object', type: 'limit', name: 'l', text: '' }, drop], tcp, 'depends'],
  [
    'a named counter and a helper do not',
    [{ kind: 'object', type: 'counter', name: 'c', text: '' }, { kind: 'object', type: 'ct helper', name: 'h', text: '' }, drop],
    tcp,
    'dropped',
  ],
  ['a first packet is not handed to a flowtable, and the rule ends', [{ kind: 'flow-offload', table: 'f' }, drop], tcp, 'delivered'],
  ['synproxy of TCP is not modelled', [{ kind: 'synproxy' }], tcp, 'synproxy is not modelled'],
  ['synproxy of anything else ends the rule', [{ kind: 'synproxy' }, drop], udp, 'delivered'],
  ['fwd is not modelled', [{ kind: 'forward', text: 'to eth1' }], tcp, 'fwd is not modelled: to eth1'],
  [
    'a socket depends',
    [{ kind: 'socket', key: 'transparent', level: 0, to: 0 }, { kind: 'compare', op: 'eq', from: 0, value: bytes(1) }, drop],
    tcp,
    'depends',
  ],
  ['a transparent proxy depends on its socket', [{ kind: 'tproxy', family: 'ip', address: null, port: null }, drop], tcp, 'depends'],
  ['it takes TCP and UDP only', [{ kind: 'tproxy', family: 'ip', address: null, port: null }, drop], gre, 'delivered'],
  ['it takes its own family only', [{ kind: 'tproxy', family: 'ip6', address: null, port: null }, drop], tcp, 'delivered'],
  [
    'what only loads is walked both ways, and its register is not known',
    [{ kind: 'unmodelled', name: 'osf', because: 'no fingerprints' }, { kind: 'compare', op: 'eq', from: 0, value: bytes(1) }, drop],
    tcp,
    'osf is not modelled: no fingerprints',
  ],
  [
    'what may do anything is undecided',
    [{ kind: 'unmodelled', name: 'immediate', because: 'a verdict that is not known' }],
    tcp,
    'immediate is not modelled: a verdict that is not known',
  ],
])('nf_tables_core.c: %s', (_title, rule, probe, expected) => {
  expect(run(rule, probe)).toBe(expected);
});

test('what an unmodelled expression leaves in a register is not what an earlier rule left there', () => {
  const osf: NftExpression = { kind: 'unmodelled', name: 'osf', because: '' };
  expect(second([immediate(0)], [osf, { kind: 'compare', op: 'eq', from: 0, value: bytes(1) }, drop])).toBe('osf is not modelled: ');
});

test('what is not modelled and leads nowhere else leaves the walk decided', () => {
  expect(
    run([
      { kind: 'unmodelled', name: 'osf', because: '' },
      { kind: 'counter', packets: 0, bytes: 0 },
    ]),
  ).toBe('delivered');
});

describe('exthdr', () => {
  const exthdr = (header: 'tcp' | 'ipv6' | 'ipv4' | 'sctp', type: number, present: boolean): NftExpression => ({
    kind: 'exthdr',
    header,
    type,
    offset: 2,
    length: 1,
    present,
    to: 0,
  });
  test.each<readonly [title: string, rule: readonly NftExpression[], probe: Probe, expected: string]>([
    ['TCP options are not told', compared(exthdr('tcp', 2, true), [1]), tcp, 'tcp option or header 2 is not known'],
    ['UDP has none', compared(exthdr('tcp', 2, true), [0]), udp, 'yes'],
    ['an option that is not there has no value', compared(exthdr('tcp', 2, false), [9], 'neq'), udp, 'no'],
    ['IPv4 has no IPv6 headers, and no answer either', compared(exthdr('ipv6', 44, true), [0]), tcp, 'no'],
    ['no header of a fragment where there is none', compared(exthdr('ipv6', 44, true), [0]), tcp6, 'yes'],
    ['a fragment has one', compared(exthdr('ipv6', 44, true), [1]), { ...tcp6, fragment: { offset: 24, more: false } }, 'yes'],
    ['no IPv4 options', compared(exthdr('ipv4', 7, true), [0]), tcp, 'yes'],
    ['setting an option of TCP goes on', [{ kind: 'exthdr-set', header: 'tcp', type: 2, text: '' }], tcp, 'yes'],
    ['of anything else the rule ends', [{ kind: 'exthdr-set', header: 'tcp', type: 2, text: '' }], udp, 'no'],
  ])('nft_exthdr.c: %s', (_title, rule, probe, expected) => {
    expect(matches(rule, probe)).toBe(expected);
  });
});

const setMark: NftExpression = { kind: 'meta-set', key: 'mark', from: 0 };
const markIs = (...value: readonly number[]): readonly NftExpression[] => [...compared(meta('mark'), value), drop];
const second = (first: readonly NftExpression[], rule: readonly NftExpression[], probe = tcp, scene: NftScene = {}): string =>
  outcome(walkNft([first, rule], probe, scene));

test('nft_meta.c: a mark that is set is read by later rules', () => {
  expect(second([immediate(7, 0, 0, 0), setMark], markIs(7, 0, 0, 0))).toBe('dropped');
  expect(
    second([meta('mark'), masked([0xf0, 0xff, 0xff, 0xff], [3, 0, 0, 0]), setMark], markIs(0x13, 0, 0, 0), { ...tcp, mark: 0x1f }),
  ).toBe('dropped');
  expect(
    second([meta('mark'), { kind: 'shift', direction: 'left', from: 0, to: 0, length: 4, bits: 4 }, setMark], markIs(0x20, 0, 0, 0), {
      ...tcp,
      mark: 2,
    }),
  ).toBe('dropped');
});

test('nft_meta.c: a mark that is set to what nobody knows is undecided', () => {
  expect(run([meta('iifgroup'), setMark])).toBe('the mark is set to what is not known: meta iifgroup of eth0 is not in the snapshot');
});

test('nft_ct.c: the mark of the connection is set and read', () => {
  const set: readonly NftExpression[] = [immediate(9, 0, 0, 0), { kind: 'ct-set', key: 'mark', direction: null, from: 0 }];
  const read = compared({ kind: 'ct', key: 'mark', direction: null, to: 0 }, [9, 0, 0, 0]);
  expect(second(set, [...read, drop])).toBe('dropped');
});

test('nft_payload.c: header fields that are set are read by later rules', () => {
  const set = (offset: number, length: number): NftExpression => ({ kind: 'payload-set', base: 'network', offset, length, from: 0 });
  expect(second([immediate(20), set(8, 1)], [...compared(payload('network', 8, 1), [20]), drop])).toBe('dropped');
  const dscp: readonly NftExpression[] = [payload('network', 0, 2), masked([0xff, 0x03], [0, 0x20]), set(0, 2)];
  expect(second(dscp, [...compared(payload('network', 1, 1), [0x20]), drop])).toBe('dropped');
  expect(run([immediate(17), set(9, 1)])).toBe('payload is set that no rule but this one writes: not modelled');
  expect(run([immediate(10, 0, 0, 9), set(16, 4)], tcp, { tracks: true })).toBe(
    'addresses or ports of a connection are rewritten without conntrack',
  );
});

test('nft_payload.c: without conntrack a destination that is set is where the packet goes', () => {
  const rule: readonly NftExpression[] = [immediate(10, 0, 0, 9), { kind: 'payload-set', base: 'network', offset: 16, length: 4, from: 0 }];
  const { request } = walkNft([rule], tcp, { hook: { hook: 'prerouting', priority: -300 } });
  expect(request.out).toEqual({ interface: 'cali1', from: '192.168.0.9:1000', to: '10.0.0.9:80', mark: 0 });
});

describe('nft_nat.c, nft_masq.c, nft_redir.c', () => {
  const dnat = (change: object = {}): NftExpression => ({
    kind: 'nat',
    type: 'dnat',
    family: 'ip',
    addressFrom: 0,
    addressTo: null,
    portFrom: null,
    portTo: null,
    flags: [],
    ...change,
  });
  const pre: NftScene = { hook: { hook: 'prerouting', type: 'nat', priority: -100 } };
  const post: NftScene = { hook: { hook: 'postrouting', type: 'nat', priority: 100 } };
  const out = (rule: readonly NftExpression[], scene: NftScene, probe = tcp): unknown => {
    const { request } = walkNft([rule], probe, scene);
    return request.out === null ? request.verdict : `${request.out.from} -> ${request.out.to}`;
  };
  const port: NftExpression = { kind: 'immediate', to: 4, value: bytes(0x1f, 0x90) };

  test.each<readonly [title: string, rule: readonly NftExpression[], scene: NftScene, expected: string]>([
    ['an address', [immediate(10, 0, 0, 7), dnat()], pre, '192.168.0.9:1000 -> 10.0.0.7:80'],
    ['an address and a port', [immediate(10, 0, 0, 7), port, dnat({ portFrom: 4, portTo: 4 })], pre, '192.168.0.9:1000 -> 10.0.0.7:8080'],
    ['a port alone', [port, dnat({ addressFrom: null, portFrom: 4 })], pre, '192.168.0.9:1000 -> 10.0.0.2:8080'],
    ['of another family the rule goes on', [immediate(10, 0, 0, 7), dnat({ family: 'ip6' }), drop], { ...pre, tracks: true }, 'dropped'],
    ['a redirect', [port, { kind: 'redirect', portFrom: 4, portTo: null, flags: [] }], pre, '192.168.0.9:1000 -> 192.168.0.1:8080'],
    ['a source', [immediate(10, 0, 0, 77), dnat({ type: 'snat' })], post, '10.0.0.77:1000 -> 10.0.0.2:80'],
    ['masquerade', [{ kind: 'masquerade', portFrom: null, portTo: null, flags: [] }], post, '192.168.0.1:1000 -> 10.0.0.2:80'],
    [
      'masquerade with a random port',
      [{ kind: 'masquerade', portFrom: null, portTo: null, flags: ['fully-random'] }],
      post,
      '192.168.0.1 -> 10.0.0.2:80',
    ],
  ])('%s', (_title, rule, scene, expected) => {
    expect(out(rule, scene)).toBe(expected);
  });

  test('an address that is not known is undecided', () => {
    expect(run([payload('network', 4, 4), dnat()], tcp, pre)).toBe('nat to an address or port that is not known');
  });
});

describe('nft_dynset.c', () => {
  const add = (change: object = {}): NftExpression => ({
    kind: 'dynset',
    op: 'add',
    set: 's',
    key: 0,
    data: null,
    timeout: null,
    expressions: [],
    negated: false,
    ...change,
  });
  const source = payload('network', 12, 4);
  const lookup: NftExpression = { kind: 'lookup', set: 's', from: 0, to: null, negated: false };
  const empty = { sets: [setOf('s', { dynamic: true })] };

  test('an empty set has room, and the rule goes on', () => {
    expect(run([source, add(), drop], tcp, empty)).toBe('dropped');
    expect(run([source, add({ negated: true }), drop], tcp, empty)).toBe('delivered');
  });
  test('a set that holds as many as it may is full, unless the element is there', () => {
    const full = (key: readonly number[], size: number): object => ({ sets: [setOf('s', { size, elements: [element(key)] })] });
    expect(run([source, add(), drop], tcp, full([1, 2, 3, 4], 1))).toBe('depends');
    expect(run([source, add(), drop], tcp, full([1, 2, 3, 4], 2))).toBe('dropped');
    expect(run([source, add(), drop], tcp, full([192, 168, 0, 9], 1))).toBe('dropped');
  });
  test('a small set whose elements expire, or that the rule before added to, may be full', () => {
    const small = (change: object): object => ({ sets: [setOf('s', { dynamic: true, size: 1, ...change })] });
    expect(run([source, add(), drop], tcp, small({ timeout: true }))).toBe('depends');
    expect(run([source, add(), source, add(), drop], tcp, small({}))).toBe('depends');
  });
  test('a limit on the element depends', () => {
    const limit: NftExpression = { kind: 'limit', rate: 1, per: 1, burst: 1, unit: 'packets', over: true };
    expect(run([source, add({ op: 'update', expressions: [limit] }), drop], tcp, empty)).toBe('depends');
  });
  test('a set that was changed on the way is open for later rules', () => {
    const set = { sets: [setOf('s', { elements: [element([192, 168, 0, 9])] })] };
    expect(second([source, lookup], [source, lookup, drop], tcp, set)).toBe('dropped');
    expect(second([source, add({ op: 'delete' })], [source, lookup, drop], tcp, set)).toBe('depends');
  });
});

test('nft_compat.c: xt matches and targets run as their modules do', () => {
  const match = (matches: Extract<NftExpression, { kind: 'xt-match' }>['matches'], text: string): NftExpression => ({
    kind: 'xt-match',
    name: '',
    revision: 0,
    info: bytes(),
    text,
    matches,
  });
  const state = match([{ kind: 'conntrack-state', module: 'conntrack', states: ['NEW'], negated: false }], '-m conntrack --ctstate NEW');
  expect(matches([state])).toBe('yes');
  expect(
    run([
      { kind: 'xt-target', name: 'MARK', revision: 2, info: bytes(), text: '', target: { kind: 'set-mark', value: 1, mask: 1 } },
      ...compared(meta('mark'), [1, 0, 0, 0]),
      drop,
    ]),
  ).toBe('dropped');
  const ports = match([{ kind: 'ports', module: 'sctp', side: 'destination', ranges: [{ first: 1, last: 1 }], negated: false }], '');
  expect(run([ports], { ...ping, protocol: 132, length: 22 })).toBe('dropped');
});

import { expect, test } from 'vitest';
import { type Address, parseAddress } from '#facts/address.ts';
import type { Link } from '#facts/network.ts';
import { read } from '#facts/result.ts';
import { readIpsetSave } from '#formats/ipset-save.ts';
import { emptySnapshot } from '../../../../test/support/snapshot-builder.ts';
import { Machine } from '../machine.ts';
import type { Model } from '../model.ts';
import type { Packet } from '../packet.ts';
import { Routing } from '../routing.ts';
import { SetIndex } from './set-index.ts';

const eth: Link = {
  index: 2,
  name: 'eth0',
  mtu: 1500,
  up: true,
  carrier: true,
  loopback: false,
  kind: null,
  master: null,
  mac: '02:00:00:00:00:01',
  at: { source: 'net', line: 1 },
};
const routing = new Routing({ ...emptySnapshot, links: read([eth, { ...eth, name: 'tun0', mac: null }], '') });
const address = (text: string): Address => parseAddress(text) as Address;

interface Given {
  readonly from?: string;
  readonly to?: string;
  readonly mark?: number;
  readonly protocol?: number;
  readonly in?: string;
  readonly macSource?: string;
  readonly toPort?: number | null;
}

function machineOf(given: Given): Machine {
  const packet = {
    family: address(given.from ?? '10.0.0.1').family,
    protocol: given.protocol ?? 6,
    icmp: null,
    length: null,
    fragmentOffset: 0,
    source: { address: address(given.from ?? '10.0.0.1'), port: 1000 },
    inPort: '',
    outPort: '',
    destination: { address: address(given.to ?? '10.9.0.1'), port: given.toPort === undefined ? 80 : given.toPort },
    inInterface: given.in ?? 'eth0',
    outInterface: '',
    mark: given.mark ?? 0,
    macSource: given.macSource ?? null,
    macDestination: null,
  } as Packet;
  return new Machine({ routing } as Model, { waiting: [] } as never, packet);
}

function answer(sets: readonly string[], directions: string, given: Given = {}, returnNomatch = false): boolean | string {
  const found = readIpsetSave([new TextEncoder().encode(`${sets.join('\n')}\n`)], 'ipset-save');
  if (!found.ok) throw new Error(JSON.stringify(found.problem));
  const query = { directions: directions.split(',') as ('src' | 'dst')[], returnNomatch, looksAtCounters: false };
  return new SetIndex(read(found.value, '')).contains('s', query, machineOf(given));
}

test.each<readonly [title: string, sets: readonly string[], directions: string, given: Given, expected: boolean | string]>([
  [
    'hash:mac takes the frame, of any family',
    ['create s hash:mac', 'add s 02:AA:00:00:00:09'],
    'src',
    { macSource: '02:aa:00:00:00:09' },
    true,
  ],
  ['hash:mac of another', ['create s hash:mac', 'add s 02:AA:00:00:00:09'], 'src', { macSource: '02:aa:00:00:00:08' }, false],
  [
    'hash:mac without the frame is not known',
    ['create s hash:mac', 'add s 02:AA:00:00:00:09'],
    'src',
    {},
    'ipset s: the sender and receiver of the frame are not given',
  ],
  ['hash:mac of what came by no Ethernet is a no', ['create s hash:mac', 'add s 02:AA:00:00:00:09'], 'src', { in: 'tun0' }, false],
  ['hash:mac of what the node sends is a no', ['create s hash:mac', 'add s 02:AA:00:00:00:09'], 'src', { in: '' }, false],
  [
    'hash:ip,mac wants both',
    ['create s hash:ip,mac', 'add s 10.0.0.1,02:AA:00:00:00:09'],
    'src,src',
    { macSource: '02:aa:00:00:00:09' },
    true,
  ],
  [
    'hash:ip,mac of another address',
    ['create s hash:ip,mac', 'add s 10.0.0.2,02:AA:00:00:00:09'],
    'src,src',
    { macSource: '02:aa:00:00:00:09' },
    false,
  ],
  [
    'bitmap:ip,mac compares a MAC that it has',
    ['create s bitmap:ip,mac range 10.0.0.0/24', 'add s 10.0.0.1,02:AA:00:00:00:09'],
    'src,src',
    { macSource: '02:aa:00:00:00:08' },
    false,
  ],
  [
    'bitmap:ip,mac with a MAC, where the frame is not known',
    ['create s bitmap:ip,mac range 10.0.0.0/24', 'add s 10.0.0.1,02:AA:00:00:00:09'],
    'src,src',
    {},
    'ipset s: the sender and receiver of the frame are not given',
  ],
  [
    'bitmap:ip,mac of an address that is no member, whatever the frame',
    ['create s bitmap:ip,mac range 10.0.0.0/24', 'add s 10.0.0.2,02:AA:00:00:00:09'],
    'src,src',
    {},
    false,
  ],
  ['hash:ip,mark', ['create s hash:ip,mark', 'add s 10.0.0.1,0x00000007'], 'src,src', { mark: 7 }, true],
  ['hash:ip,mark of another mark', ['create s hash:ip,mark', 'add s 10.0.0.1,0x00000007'], 'src,src', { mark: 15 }, false],
  [
    'hash:ip,mark compares what markmask leaves',
    ['create s hash:ip,mark markmask 0x0000000f', 'add s 10.0.0.1,0x00000007'],
    'src,src',
    { mark: 0xf7 },
    true,
  ],
  [
    'hash:net,net: the longest first net decides, not the longest sum',
    ['create s hash:net,net', 'add s 10.0.0.0/24,10.0.0.0/8 nomatch', 'add s 10.0.0.0/16,10.9.0.1'],
    'src,dst',
    {},
    false,
  ],
  [
    'hash:net,net: of one first net the longest second decides',
    ['create s hash:net,net', 'add s 10.0.0.0/24,10.0.0.0/8 nomatch', 'add s 10.0.0.0/24,10.9.0.0/16'],
    'src,dst',
    {},
    true,
  ],
  [
    'hash:net,port,net: first net, then second, the port as it is',
    ['create s hash:net,port,net', 'add s 10.0.0.0/24,tcp:81,0.0.0.0/0 nomatch', 'add s 10.0.0.0/16,tcp:80,10.9.0.0/16'],
    'src,dst,dst',
    {},
    true,
  ],
  [
    'hash:net,port,net with nets of length 0',
    ['create s hash:net,port,net', 'add s 0.0.0.0/0,tcp:80,0.0.0.0/0', 'add s 10.0.0.0/24,tcp:80,0.0.0.0/0 nomatch'],
    'src,dst,dst',
    {},
    false,
  ],
  [
    'hash:net,net of IPv6',
    ['create s hash:net,net family inet6', 'add s fd00::/64,fd09::/48'],
    'src,dst',
    { from: 'fd00::7', to: 'fd09::1:2:3' },
    true,
  ],
  [
    'a member that is not understood matters only where it could fit',
    ['create s hash:ip,port', 'add s 10.0.0.2,quic:80'],
    'src,dst',
    {},
    false,
  ],
  [
    'a member that is not understood and could fit',
    ['create s hash:ip,port', 'add s 10.0.0.1,quic:80'],
    'src,dst',
    {},
    "member '10.0.0.1,quic:80' of ipset s is not modelled",
  ],
  [
    'a range that is not understood',
    ['create s hash:net', 'add s 10.0.0.0-10.0.0.9'],
    'src',
    {},
    "member '10.0.0.0-10.0.0.9' of ipset s is not modelled",
  ],
  ['a type that no kernel has', ['create s tree:ip', 'add s 10.0.0.1'], 'src', {}, 'ipset type tree:ip is not modelled'],
  ['a member of list:set that is not there', ['create s list:set', 'add s t'], 'src', {}, 'ipset t is not in '],
  [
    'list:set with one set that is not understood and one that has the packet',
    ['create t tree:ip', 'create u hash:ip', 'add u 10.0.0.1', 'create s list:set', 'add s t', 'add s u'],
    'src',
    {},
    true,
  ],
  [
    'a port that the kernel chooses is not known',
    ['create s hash:ip,port', 'add s 10.9.0.1,tcp:80'],
    'dst,dst',
    { toPort: null },
    'the kernel draws the port',
  ],
  [
    'hash:net,iface: a bridge port of the same net may end the search by chance of the hash',
    ['create s hash:net,iface', 'add s 10.0.0.0/24,physdev:eth0', 'add s 10.0.0.0/8,eth0'],
    'src,src',
    {},
    "ipset s: whether a member for a bridge port ends the search depends on the kernel's hash",
  ],
  [
    'hash:net,iface: a bridge port of the same net does not match itself',
    ['create s hash:net,iface', 'add s 10.0.0.0/24,physdev:eth0'],
    'src,src',
    {},
    false,
  ],
])('PW14 %s', (_, sets, directions, given, expected) => {
  expect(answer(sets, directions, given)).toBe(expected);
});

test('PW14 a set that a rule changed before is not that of the snapshot', () => {
  const found = readIpsetSave([new TextEncoder().encode('create s hash:ip\n')], 'ipset-save');
  const machine = machineOf({});
  machine.changedSets = ['s'];
  const index = new SetIndex(found.ok ? read(found.value, '') : read(new Map(), ''));
  expect(index.contains('s', { directions: ['src'], returnNomatch: false, looksAtCounters: false }, machine)).toBe(
    'ipset s was changed by a rule before',
  );
});

test('PW14 a hundred thousand members are found without looking through them', () => {
  const members = Array.from({ length: 100_000 }, (_, i) => ({ text: `10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`, nomatch: false }));
  const set = { name: 's', type: 'hash:ip', family: 'ip', options: '', members, line: 1 } as const;
  const index = new SetIndex(read(new Map([['s', set]]), ''));
  const query = { directions: ['src'], returnNomatch: false, looksAtCounters: false } as const;
  const before = process.cpuUsage();
  const hits = Array.from({ length: 20_000 }, (_, i) => index.contains('s', query, machineOf({ from: `10.0.${i >>> 8}.${i & 255}` })));
  expect(hits.every((hit) => hit === true)).toBe(true);
  // A scan would take some ten seconds.
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(1500);
});

import { afterAll, expect, test } from 'vitest';
import type { IpSet } from '#facts/ipset.ts';
import type { Result } from '#facts/result.ts';
import { readIpsetSave } from '#formats/ipset-save.ts';
import { readIpsets } from '#formats/netlink/ipset.ts';
import { readSetNames } from '#formats/xtables/index.ts';
import { inNamespace } from './netlink/namespace.ts';

// Every set type that this kernel has, with every option and kind of member that ipset 7.17 takes for it.
const node = inNamespace(`
ipset create bip bitmap:ip range 10.0.0.0/24
ipset add bip 10.0.0.1; ipset add bip 10.0.0.7
ipset create bipn bitmap:ip range 10.0.0.0/16 netmask 24 timeout 600
ipset add bipn 10.0.3.0
ipset create bmac bitmap:ip,mac range 10.0.0.0/24
ipset add bmac 10.0.0.1,02:00:00:00:00:aB; ipset add bmac 10.0.0.2
ipset create bport bitmap:port range 0-1000 counters comment
ipset add bport 80 comment "a b"; ipset add bport 90-92
ipset create hip hash:ip timeout 100 counters comment skbinfo
ipset add hip 10.0.0.1 timeout 50 packets 3 bytes 4 comment "web nomatch server" skbmark 0x1/0xf skbprio 1:2 skbqueue 3
ipset create hip6 hash:ip family inet6 timeout 9 netmask 64 hashsize 64 maxelem 100
ipset add hip6 fd00::1
ipset create hipb hash:ip bitmask 255.0.255.0 counters
ipset add hipb 10.9.8.7
ipset create hport hash:ip,port
for e in 80 udp:53 sctp:9 icmp:8/0 icmp:3/1 icmp:77/3 gre:0 udplite:5 tcp:0 200:0; do ipset add hport 10.0.0.1,$e; done
ipset create hport6 hash:ip,port family inet6
for e in 80 icmpv6:128/0 icmpv6:1/4 icmpv6:200/3; do ipset add hport6 fd00::1,$e; done
ipset create hpi hash:ip,port,ip
ipset add hpi 10.0.0.1,tcp:80,10.0.0.2
ipset create hpn hash:ip,port,net
ipset add hpn 10.0.0.1,tcp:80,10.0.0.0/8; ipset add hpn 10.0.0.1,tcp:80,10.2.0.0/16 nomatch; ipset add hpn 10.0.0.1,tcp:80,10.2.3.4
ipset create hn hash:net
for e in 10.0.0.0/8 10.1.0.0/16 10.2.3.4 0.0.0.0/1; do ipset add hn $e; done
ipset add hn 10.1.2.0/24 nomatch
ipset create hn6 hash:net family inet6
ipset add hn6 fd00::/8; ipset add hn6 fd00:1::/32 nomatch
ipset create hnp hash:net,port
ipset add hnp 10.0.0.0/8,tcp:80-82
ipset create hni hash:net,iface
ipset add hni 10.0.0.0/8,eth0; ipset add hni 10.1.0.0/16,physdev:eth1; ipset add hni 0.0.0.0/0,eth2 nomatch; ipset add hni 10.3.0.0/16,ca wildcard
ipset create large hash:ip hashsize 4096
i=0; while [ $i -lt 5000 ]; do echo "add large 10.7.$((i / 250)).$((i % 250))"; i=$((i + 1)); done | ipset restore
ipset create empty hash:net
ipset create ls list:set
ipset add ls hn; ipset add ls hip before hn; ipset add ls hn6
ipset create lst list:set size 4 timeout 9
ipset add lst hn timeout 8
ipset save > $OUT/save
ipset create forced hash:ip forceadd
ipset create 'we ird' hash:ip
ipset add 'we ird' 10.0.0.9
read_kernel
`);
afterAll(() => node.close());

type Sets = ReadonlyMap<string, IpSet>;

function sets(result: Result<Sets>): Sets {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

const kernel = sets(readIpsets(node.netlink('ipset'), 'netlink/ipset'));
const saved = sets(readIpsetSave([new TextEncoder().encode(node.output('save'))], 'netfilter/ipset-save'));

/** ipset prints some ICMP types by name. */
const icmpNames = { 'icmp:echo-request': 'icmp:8/0', 'icmp:host-unreachable': 'icmp:3/1' };
const icmp6Names = { 'ipv6-icmp:echo-request': 'ipv6-icmp:128/0', 'ipv6-icmp:port-unreachable': 'ipv6-icmp:1/4' };

function inNumbers(text: string): string {
  for (const [name, number] of Object.entries({ ...icmpNames, ...icmp6Names }))
    if (text.endsWith(`,${name}`)) return text.replace(name, number);
  return text;
}

test.each([...saved.keys()])('set %s of netlink equals that of ipset save', (name) => {
  const { line: _, ...expected } = saved.get(name) as IpSet;
  const members = expected.members.map((member) => ({ ...member, text: inNumbers(member.text) }));
  expect({ ...kernel.get(name), line: undefined }).toEqual({ ...expected, members });
});

test('sets come in the order of ipset save, and a set of many messages is whole', () => {
  expect([...kernel.keys()].filter((name) => saved.has(name))).toEqual([...saved.keys()]);
  expect(kernel.get('large')?.members.length).toBe(5000);
  expect(kernel.size).toBe(saved.size + 2);
});

test('what ipset save cannot tell, netlink does: a name with a space', () => {
  expect(kernel.get('we ird')?.members).toEqual([{ text: '10.0.0.9', nomatch: false }]);
  expect(kernel.get('forced')?.options).toMatch(/ forceadd /);
});

test('every set has an index, as rules of x_tables name it', () => {
  const names = readSetNames(node.netlink('ipset'), 'netlink/ipset');
  expect(names.ok && [...names.value.values()].toSorted()).toEqual([...kernel.keys()].toSorted());
  expect(new Set(names.ok ? names.value.keys() : []).size).toBe(kernel.size);
});

test('of a kernel that speaks the old protocol the sets and their indices are the same', () => {
  const old = node.netlink('ipset-protocol-6');
  const setsOfOld = [...sets(readIpsets(old, 'o')).values()].map((set) => ({ ...set, line: 0 }));
  expect(setsOfOld).toEqual([...kernel.values()].map((set) => ({ ...set, line: 0 })));
  expect(sorted(readSetNames(old, 'o'))).toEqual(sorted(readSetNames(node.netlink('ipset'), 'o')));
});

function sorted(names: ReturnType<typeof readSetNames>): readonly (readonly [number, string])[] {
  return names.ok ? [...names.value].toSorted(([a], [b]) => a - b) : [];
}

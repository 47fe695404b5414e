import { expect, test } from 'vitest';
import { readIptablesSave } from '../iptables-save.ts';
import { joinSave } from '../nft-join.ts';
import { readNftText } from '../nft-text/read-nft-text.ts';

/** Why a rule of a text listing, beside one line of the dump, stays undecided. */
function undecided(listed: string, saved: string): readonly string[] {
  const chain = '\tchain d {\n\t}\n\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy accept;';
  const listing = readNftText(`table ip filter {\n${chain}\n\t\t${listed}\n\t}\n}\n`, 'nft-ruleset');
  const text = new TextEncoder().encode(`*filter\n:INPUT ACCEPT [0:0]\n:d - [0:0]\n-A INPUT ${saved}\nCOMMIT\n`);
  const dump = readIptablesSave([text], { backend: 'nft', family: 'ip', source: 'iptables-nft-save' });
  if (!listing.ok || !dump.ok) throw new Error(JSON.stringify([listing, dump]));
  const rules = joinSave(listing.value, { ip: dump.value }).tables[0]?.chains.get('INPUT')?.rules ?? [];
  return rules.flatMap(({ expressions }) => expressions.flatMap((each) => (each.kind === 'unmodelled' ? [each.because] : [])));
}

const counted = 'counter packets 0 bytes 0';

// What nft 1.0.6 prints for the lines on the right.
test.each([
  [`ct status dnat ${counted} drop`, '-m conntrack --ctstate INVALID,DNAT -j DROP'],
  [`ip saddr 10.0.0.0/8 udp dport { 80, 443 } ${counted} return`, '-s 10.0.0.0/8 -p udp -m multiport --dports 80,443 -j RETURN'],
  [`fib daddr type local ${counted} jump d`, '-m addrtype --dst-type LOCAL -j d'],
  [`skuid 1337 ${counted} accept`, '-m owner --uid-owner 1337 -j ACCEPT'],
  [`meta mark 0x1 ct state new ${counted} reject`, '-m mark --mark 0x1 -m conntrack --ctstate NEW -j REJECT'],
])('%s is joined with %s', (listed, saved) => {
  expect(undecided(listed, saved)).toEqual([]);
});

test.each([
  [
    'a mark that the dump lost',
    `meta mark 0x1 ct state new ${counted} drop`,
    '-m conntrack --ctstate NEW -j DROP',
    'a condition that the dump does not have',
  ],
  [
    'a native set that the dump cannot print',
    `ip saddr { 1.1.1.1 } ct state new ${counted} drop`,
    '-m conntrack --ctstate NEW -j DROP',
    'a condition that the dump does not have',
  ],
  [
    'an address only of the dump',
    `ct state new ${counted} drop`,
    '-s 1.1.1.1/32 -m conntrack --ctstate NEW -j DROP',
    'a condition that is not listed',
  ],
  ['another verdict', `ct state new ${counted} drop`, '-m conntrack --ctstate NEW -j ACCEPT', "the target: '-j ACCEPT' in the dump"],
  [
    'a verdict only of the dump',
    `ct state new ${counted}`,
    '-m conntrack --ctstate NEW -j DROP',
    "the target '-j DROP', which is not listed",
  ],
])('%s leaves the rule undecided', (_, listed, saved, because) => {
  expect(undecided(listed, saved)).toEqual([expect.stringContaining(`listing and dump disagree: ${because}`)]);
});

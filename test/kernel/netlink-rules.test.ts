import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Family } from '#facts/address.ts';
import type { NftExpression, NftRule, NftRuleset } from '#facts/nft.ts';
import type { Result } from '#facts/result.ts';
import { asIptablesSave as nftAsIptablesSave } from '#formats/netlink/nftables/iptables/save-text.ts';
import { readNftables } from '#formats/netlink/nftables.ts';
import { asIptablesSave, readLegacyTables, readSetNames } from '#formats/xtables/index.ts';
import { inNamespace, type NamespaceReading } from './netlink/namespace.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../src/formats/fixtures/${name}`, import.meta.url));

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

/** Runs the script, which reads the kernel, and hands its reading on. */
function reading<T>(script: string, look: (node: NamespaceReading) => T): T {
  const node = inNamespace(`${script}\nread_kernel`);
  try {
    expect(node.missing).toEqual([]);
    return look(node);
  } finally {
    node.close();
  }
}

const names = (node: NamespaceReading) => value(readSetNames(node.netlink('ipset'), 'netlink/ipset'));
const legacy = (node: NamespaceReading, family: Family) =>
  value(readLegacyTables(node.netlink(`legacy-${family}`), { family, source: `netlink/legacy-${family}`, setNames: names(node) }));
const nft = (node: NamespaceReading): NftRuleset => value(readNftables(node.netlink('nftables'), 'netlink/nftables', names(node)));

/** A dump without its comments. Policies' counters go on counting between two readings of it. */
function lines(save: string): readonly string[] {
  return save
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ''));
}

// The rules of the corpus look into ipsets of these names.
const sets = `for set in $(grep -ho 'match-set [^ ]*' "$RULES" | cut -d' ' -f2 | sort -u); do
  ipset create $set hash:net,iface 2>/dev/null || ipset create $set hash:net
done; ipset create spare hash:ip`;

test.each([
  ['every-match.iptables-legacy-save', 'iptables'],
  ['kube-proxy-20svc.save', 'iptables'],
])('legacy rules of %s, as the kernel keeps them, are those that iptables-legacy-save prints', (name, tool) => {
  reading(`RULES='${fixture(name)}'; ${sets}; ${tool}-legacy-restore < "$RULES"; ${tool}-legacy-save > $OUT/save`, (node) => {
    const saved = lines(node.output('save'));
    expect(lines(asIptablesSave(legacy(node, 'ip')))).toEqual(saved);
    expect(saved.length).toBeGreaterThan(40);
  });
});

test.each([['every-match.iptables-nft-save'], ['kube-proxy-20svc.iptables-nft.save']])(
  'rules of iptables-nft of %s, as the kernel keeps them, are those that iptables-nft-save prints',
  (name) => {
    reading(`RULES='${fixture(name)}'; ${sets}; iptables-nft-restore < "$RULES"; iptables-nft-save > $OUT/save`, (node) => {
      const saved = lines(node.output('save'));
      expect(lines(nftAsIptablesSave(nft(node), 'ip'))).toEqual(saved);
      expect(saved.length).toBeGreaterThan(40);
    });
  },
);

test('a rule with an ipset is read with the name of the set, in both backends and families', () => {
  const rule = '-A INPUT -m set --match-set web src -j DROP';
  const script = `ipset create other hash:ip; ipset create web hash:net; ipset create web6 hash:net family inet6
    iptables-legacy ${rule}; iptables-nft ${rule}; ip6tables-legacy ${rule.replace('web', 'web6')}; ip6tables-nft ${rule.replace('web', 'web6')}`;
  reading(script, (node) => {
    for (const family of ['ip', 'ip6'] as const) {
      const expected = family === 'ip' ? rule : rule.replace('web', 'web6');
      expect(asIptablesSave(legacy(node, family)).split('\n')).toContain(expected);
      expect(nftAsIptablesSave(nft(node), family).split('\n')).toContain(expected);
    }
  });
});

/** The rules of a chain, and the expressions of one by kind. */
function rulesOf(ruleset: NftRuleset, path: string): readonly NftRule[] {
  const [family, table, chain] = path.split(' ');
  return ruleset.tables.find((each) => each.family === family && each.name === table)?.chains.get(chain ?? '')?.rules ?? [];
}

function kind<K extends NftExpression['kind']>(rule: NftRule | undefined, wanted: K): readonly Extract<NftExpression, { kind: K }>[] {
  return (rule?.expressions ?? []).filter((each): each is Extract<NftExpression, { kind: K }> => each.kind === wanted);
}

test('fact 5: a native look-up that iptables-nft-save prints as a bare DROP is a look-up', () => {
  const script = `iptables-nft -A INPUT -j ACCEPT; nft insert rule ip filter INPUT ip saddr '{ 10.0.0.1, 10.0.0.2 }' drop; iptables-nft-save > $OUT/save`;
  reading(script, (node) => {
    expect(lines(node.output('save'))).toContain('-A INPUT -j DROP');
    const [rule] = rulesOf(nft(node), 'ip filter INPUT');
    expect(kind(rule, 'lookup')).toHaveLength(1);
    expect(kind(rule, 'verdict').map(({ verdict }) => verdict.kind)).toEqual(['drop']);
    expect(nftAsIptablesSave(nft(node), 'ip').split('\n')).not.toContain('-A INPUT -j DROP');
  });
});

test('fact 6: two adjacent negated ports are one comparison of four bytes, whoever writes them', () => {
  const script = `iptables-nft -A INPUT -p tcp ! --sport 1 ! --dport 2 -j DROP; iptables-nft-save > $OUT/save
    nft add table ip own; nft add chain ip own c; nft add rule ip own c tcp sport != 1 tcp dport != 2 drop`;
  reading(script, (node) => {
    expect(node.output('save')).toMatch(/-A INPUT -p tcp -m tcp ! --sport 1 ! --dport 2 -j DROP/);
    for (const path of ['ip filter INPUT', 'ip own c']) {
      const unequal = kind(rulesOf(nft(node), path)[0], 'compare').filter(({ op }) => op === 'neq');
      expect(unequal.map(({ value: bytes }) => [...bytes])).toEqual([[0, 1, 0, 2]]);
    }
  });
});

test('experiment f: a table that vanishes from iptables-nft-save, and those that are not in it, are read whole', () => {
  const script = `iptables-nft -A INPUT -j ACCEPT; nft add rule ip filter INPUT ct state new fib daddr type local drop
    nft add table inet firewalld; nft add chain inet firewalld c '{ type filter hook input priority 10; policy drop; }'
    nft add rule inet firewalld c tcp dport vmap '{ 22 : accept, 23 : drop }'; iptables-nft-save > $OUT/save`;
  reading(script, (node) => {
    expect(node.output('save')).toContain("# Table `filter' is incompatible");
    const rules = rulesOf(nft(node), 'ip filter INPUT');
    expect(rules).toHaveLength(2);
    expect(kind(rules[1], 'fib')).toMatchObject([{ result: 'type', flags: ['daddr'] }]);
    expect(kind(rulesOf(nft(node), 'inet firewalld c')[0], 'lookup')).toMatchObject([{ to: 'verdict' }]);
  });
});

test('experiment f: a range that is printed as one address keeps both ends', () => {
  const script = `iptables-nft -A INPUT -j ACCEPT; nft insert rule ip filter INPUT ip saddr 10.0.0.1-10.0.0.9 drop; iptables-nft-save > $OUT/save`;
  reading(script, (node) => {
    const [rule] = rulesOf(nft(node), 'ip filter INPUT');
    expect(kind(rule, 'compare').map(({ op, value: bytes }) => [op, [...bytes]])).toEqual([
      ['gte', [10, 0, 0, 1]],
      ['lte', [10, 0, 0, 9]],
    ]);
    expect(node.output('save')).toMatch(/-s 10\.0\.0\.9/);
    expect(nftAsIptablesSave(nft(node), 'ip')).not.toMatch(/-s 10\.0\.0\.9/);
  });
});

test('reading creates nothing: no table, no module, no set', () => {
  const state =
    '{ cat /proc/net/ip_tables_names /proc/net/ip6_tables_names; nft list ruleset; ipset save; cat /proc/modules 2>/dev/null || :; ip -j route show table all; true; }';
  reading(`${state} > $OUT/before; read_kernel; ${state} > $OUT/after`, (node) => {
    expect(node.output('after')).toBe(node.output('before'));
    expect(node.proven.map(({ path }) => path)).toEqual(['netlink/legacy-ip', 'netlink/legacy-ip6']);
    expect(nft(node).tables).toEqual([]);
  });
});

test('only listed legacy tables are asked for', () => {
  reading('iptables-legacy -t mangle -A OUTPUT -j ACCEPT; read_kernel; cat /proc/net/ip_tables_names > $OUT/names', (node) => {
    expect(node.output('names')).toBe('mangle\n');
    expect([...legacy(node, 'ip').tables.keys()]).toEqual(['mangle']);
  });
});

test('a reading while rules are replaced all the time is of one state, or says that it is none', () => {
  // 40 chains with a rule each: some are dumped before a replacement and others behind it.
  const state = (name: string): string => {
    const chains = Array.from({ length: 40 }, (_, index) => `C${index}`);
    return `{ echo '*filter'; ${chains.map((chain) => `echo ':${chain} - [0:0]'`).join('; ')}; ${chains
      .map((chain) => `echo '-A ${chain} -m comment --comment ${name} -j ACCEPT'`)
      .join('; ')}; echo COMMIT; } > $OUT/${name}.rules`;
  };
  const script = `${state('one')}; ${state('two')}
    sed 's/^-A \\(C[0-9]*\\) .*comment \\([a-z]*\\) -j ACCEPT/add rule ip own \\1 accept comment \\2/; s/^:\\(C[0-9]*\\) .*/add chain ip own \\1/; /^[*C]/d' $OUT/one.rules > $OUT/one.body
    for s in one two; do { echo 'add table ip own'; echo 'delete table ip own'; echo 'add table ip own'; sed "s/one/$s/" $OUT/one.body; } > $OUT/$s.nft; done
    iptables-legacy-restore < $OUT/one.rules; nft -f $OUT/one.nft
    ( while :; do for s in two one; do iptables-legacy-restore < $OUT/$s.rules; nft -f $OUT/$s.nft; done; done ) & writer=$!
    read_repeatedly 2500 > $OUT/counts; kill $writer; wait $writer || true`;
  reading(script, (node) => {
    const counts = JSON.parse(node.output('counts'));
    for (const backend of ['nft', 'legacy']) {
      expect(counts[backend]).toMatchObject({ torn: 0, states: ['one', 'two'] });
      expect(counts[backend].whole).toBeGreaterThan(20);
    }
  });
});

test('who may not ask is told so, part by part, and still learns the network', () => {
  const drop = 'setpriv --bounding-set=-all --inh-caps=-all --reuid=65534 --regid=65534 --clear-groups';
  const node = inNamespace(`iptables-legacy -A INPUT -j DROP; ip link set lo up; chmod 777 "$OUT"; READ_AS='${drop}'; read_kernel`);
  try {
    expect(Object.fromEntries(node.missing.map(({ path, because }) => [path, because]))).toEqual({
      'netlink/nftables': 'EPERM (the kernel answered)',
      'netlink/ipset': 'EPERM (the kernel answered)',
      'netlink/legacy-ip': expect.stringMatching(/^\/proc\/thread-self\/net\/ip_tables_names: EACCES/),
      'netlink/legacy-ip6': expect.stringMatching(/EACCES/),
    });
    expect(node.netlink('route').length).toBeGreaterThan(100);
  } finally {
    node.close();
  }
});

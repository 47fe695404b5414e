import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { NftRuleset } from '#facts/nft.ts';
import { readIptablesSave } from '#formats/iptables-save.ts';
import { joinSave } from '#formats/nft-join.ts';
import { readNftJson } from '#formats/nft-json/read-nft-json.ts';
import { asDebugLines } from '../support/nft-bytecode.ts';
import { compiledConcatenations, compiledElements, debugElements, parseDebugListing } from '../support/nft-debug.ts';

interface Listings {
  readonly json: string;
  readonly text: string;
  readonly debug: string;
}

/** Loads a file of rules in a network namespace of its own, and lists it in every form. */
function listingsOf(rules: string): Listings {
  const script = 'ip link set lo up; nft -f - && for o in "-j" "-a" "--debug=netlink"; do nft $o list ruleset; echo "=== next"; done';
  const output = execFileSync('unshare', ['--net', 'sh', '-ec', script], { input: rules, encoding: 'utf8', maxBuffer: 1 << 28 });
  const [json = '', text = '', debug = ''] = output.split('=== next\n');
  return { json, text, debug };
}

const rulesOf = (name: string): string => readFileSync(fileURLToPath(new URL(`nft-listing/${name}.nft`, import.meta.url)), 'utf8');

function compiled(json: string): NftRuleset {
  const result = readNftJson(json, 'nft-ruleset.json');
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

const names = ['inet', 'ip', 'ip6', 'sets'] as const;

test.each(names)('each rule of nft -j (%s.nft) compiles to the expressions that the kernel has for it', (name) => {
  const { json, debug } = listingsOf(rulesOf(name));
  const { rules } = parseDebugListing(debug);
  const ruleset = compiled(json);
  let count = 0;
  for (const table of ruleset.tables) {
    for (const rule of [...table.chains.values()].flatMap((chain) => chain.rules)) {
      expect({ rule: rule.text, is: asDebugLines(rule.expressions) }).toEqual({ rule: rule.text, is: rules.get(rule.handle) });
      count++;
    }
  }
  expect(count).toBe(rules.size);
});

test.each(names)('each named set of nft -j (%s.nft) has the elements that the kernel has', (name) => {
  const { json, debug } = listingsOf(rulesOf(name));
  const { sets } = parseDebugListing(debug);
  for (const table of compiled(json).tables) {
    for (const set of table.sets.values()) {
      const kernel = sets.get(set.name) ?? [];
      const isConcatenation = set.keyFields.length > 1;
      const elements =
        set.interval && isConcatenation ? compiledConcatenations(set.elements) : compiledElements(set.elements, set.interval);
      // Interfaces are listed by name; and JSON of nft 1.0.6 does not tell how wide an integer is.
      if (set.name === 'ifx' || set.name === 'ci') continue;
      expect({ set: set.name, elements }).toEqual({ set: set.name, elements: debugElements(kernel, set.keyLength) });
    }
  }
});

/** One rule of iptables each; all of them are decided when the listing is joined with the dump. */
const iptablesRules = [
  'INPUT ! -p tcp -j ACCEPT',
  'INPUT -p icmp -m icmp --icmp-type 8/0 -j ACCEPT',
  'INPUT -f -j DROP',
  'INPUT -p tcp --syn -m limit --limit 3/min -j LOG --log-prefix "x y"',
  'INPUT -i + -s 0.0.0.0/0 -m conntrack --ctstate NEW -j ACCEPT',
  'INPUT ! -i + -m conntrack --ctstate NEW -j ACCEPT',
  'INPUT -i eth+ ! -s 10.0.0.0/9 -m conntrack --ctstate NEW -j ACCEPT',
  'INPUT -s 10.0.0.1/255.0.0.255 -m mark --mark 1/3 -m conntrack --ctstate NEW',
  'INPUT -p tcp ! --sport 1 ! --dport 2:5 -m comment --comment hi -m conntrack --ctstate NEW -j ACCEPT',
  'INPUT -p udp --sport 1:65535 -m state --state NEW',
  'INPUT -m mark ! --mark 7 -m addrtype --dst-type LOCAL -j REJECT',
  'INPUT -p sctp --dport 5 -j ACCEPT',
  'INPUT -m comment --comment "a b" -j NFLOG --nflog-group 3',
  'INPUT -d 1.2.3.4 -p udp -m multiport --dports 80,443 -m statistic --mode random --probability 0.5 -j RETURN',
] as const;

test('rules of iptables-nft are whole when nft -j is joined with iptables-nft-save', () => {
  const input = `*filter\n:INPUT ACCEPT [0:0]\n${iptablesRules.map((rule) => `-A ${rule}\n`).join('')}COMMIT\n`;
  const script = 'iptables-nft-restore && nft -j list ruleset && echo "=== next" && iptables-nft-save';
  const output = execFileSync('unshare', ['--net', 'sh', '-ec', script], { input, encoding: 'utf8' });
  const [json = '', save = ''] = output.split('=== next\n');
  const dump = readIptablesSave([new TextEncoder().encode(save)], { backend: 'nft', family: 'ip', source: 'iptables-nft-save' });
  if (!dump.ok) throw new Error(JSON.stringify(dump.problem));
  const rules = joinSave(compiled(json), { ip: dump.value }).tables[0]?.chains.get('INPUT')?.rules ?? [];
  expect(rules.map(({ text, expressions }) => [text, expressions.filter(({ kind }) => kind === 'unmodelled')])).toEqual(
    [...(dump.value.tables.get('filter')?.chains.get('INPUT')?.rules ?? [])].map(({ text }) => [
      // Native rules keep the words of nft.
      text.replace(/^! -p tcp -j ACCEPT$/, rules[0]?.text ?? '').replace(/^-f -j DROP$/, rules[2]?.text ?? ''),
      [],
    ]),
  );
});

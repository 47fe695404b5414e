import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { NftRuleset } from '#facts/nft.ts';
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

import { describe, expect, test } from 'vitest';
import { describeProblem, read } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { snapshotOfDumps } from '../../../test/kernel/packet-judge/snapshot-of-dumps.ts';
import { asIf } from './as-if.ts';

const save =
  '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -s 10.0.0.1/32 -j DROP\n-A FORWARD -j ACCEPT\nCOMMIT\n';
const snapshot: Snapshot = {
  ...snapshotOfDumps({ 'netfilter/iptables-legacy-save': save, 'netfilter/iptables-nft-save': save }),
  iptablesCommand: read('nft', ''),
};

function rulesAfter(
  command: string,
  backend: 'nft' | 'legacy' = 'legacy',
  table = 'filter',
  chain = 'FORWARD',
): readonly string[] | string {
  const changed = asIf(snapshot, [command]);
  if (!changed.ok) return describeProblem(changed.problem);
  const { rulesets, kernelRules } = changed.value;
  const rules = backend === 'legacy' && kernelRules.legacy.ip.kind === 'read' ? kernelRules.legacy.ip : rulesets[backend].ip;
  const found = rules.kind === 'read' ? rules.value.tables.get(table)?.chains.get(chain) : undefined;
  return found === undefined ? 'no such chain' : [...found.rules.map(({ index, text }) => `${index} ${text}`), String(found.policy)];
}

const [drop, accept] = ['-s 10.0.0.1/32 -j DROP', '-j ACCEPT'];

describe('PW18 as if a command had run', () => {
  test.each<readonly [string, readonly string[]]>([
    ['iptables-legacy -A FORWARD -p tcp --dport 80 -j REJECT', [`1 ${drop}`, `2 ${accept}`, '3 -p tcp --dport 80 -j REJECT', 'ACCEPT']],
    ['iptables-legacy -I FORWARD -j RETURN', ['1 -j RETURN', `2 ${drop}`, `3 ${accept}`, 'ACCEPT']],
    ['iptables-legacy -t filter -I FORWARD 2 -j RETURN', [`1 ${drop}`, '2 -j RETURN', `3 ${accept}`, 'ACCEPT']],
    ['iptables-legacy -w -R FORWARD 1 -j RETURN', ['1 -j RETURN', `2 ${accept}`, 'ACCEPT']],
    ['iptables-legacy -D FORWARD 1', [`1 ${accept}`, 'ACCEPT']],
    ['iptables-legacy -D FORWARD -s 10.0.0.1 -j DROP', [`1 ${accept}`, 'ACCEPT']],
    ['iptables-legacy -F FORWARD', ['ACCEPT']],
    ['iptables-legacy -P FORWARD DROP', [`1 ${drop}`, `2 ${accept}`, 'DROP']],
  ])('%s', (command, expected) => {
    expect(rulesAfter(command)).toEqual(expected);
  });

  test('plain iptables speaks to the backend of the node', () => {
    expect(rulesAfter('iptables -F FORWARD', 'nft')).toEqual(['ACCEPT']);
    expect(rulesAfter('iptables -F FORWARD', 'legacy')).toHaveLength(3);
  });

  test('a table that is not there comes with its base chains', () => {
    expect(rulesAfter('iptables-legacy -t nat -A OUTPUT -j RETURN', 'legacy', 'nat', 'OUTPUT')).toEqual(['1 -j RETURN', 'ACCEPT']);
  });

  test.each([
    ['iptables-legacy -L', "found 'iptables-legacy -L'"],
    ['iptables-legacy -A FORWARD -j NOWHERE', 'a rule that cannot be read'],
    ['iptables-legacy -A NOWHERE -j DROP', 'chain NOWHERE, which table filter does not have'],
    ['iptables-legacy -I FORWARD 9 -j DROP', 'position 9, and the chain has 2 rules'],
    ['iptables-legacy -D FORWARD -s 10.9.9.9 -j DROP', 'a rule that the chain does not have'],
    ['iptables-legacy -t no -A X -j DROP', 'table no, which iptables does not have'],
    ['iptables-legacy -P FORWARD REJECT', "found 'iptables-legacy -P FORWARD REJECT'"],
    ['rm -rf /', "found 'rm -rf /'"],
  ])('%s is refused with the reason', (command, reason) => {
    expect(rulesAfter(command)).toContain(reason);
  });
});

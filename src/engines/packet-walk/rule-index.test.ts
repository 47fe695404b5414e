import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, type Family, parseAddress } from '#facts/address.ts';
import type { Table } from '#facts/rule.ts';
import { readIptablesSave } from '#formats/iptables-save.ts';
import { Choices } from './choices.ts';
import type { Model, Run } from './context.ts';
import type { PacketState } from './flow.ts';
import { RuleIndex } from './rule-index.ts';
import { runBaseChain } from './traverse.ts';

/** Looks at every rule. */
class EveryRule extends RuleIndex {
  override next(_chain: unknown, from: number): number {
    return from;
  }
}

const single: Readonly<Record<Family, string>> = { ip: '/32', ip6: '/128' };
const address = (family: Family, last: number): string => (family === 'ip' ? `10.0.0.${last}` : `fd00::${last}`);

/** Destinations of every kind among eight addresses: one, none, negated, a block, behind a question. */
function conditionOf(family: Family): fc.Arbitrary<string> {
  const any = fc.integer({ min: 0, max: 7 }).map((last) => address(family, last));
  const exact = any.map((to) => `-d ${to}${single[family]}`);
  const block = fc.constantFrom(`-d ${address(family, 0)}/${family === 'ip' ? 30 : 126}`, `-d ${address(family, 4)}/0`);
  const chance = '-m statistic --mode random --probability 0.5';
  return fc.oneof(
    { weight: 12, arbitrary: exact },
    { weight: 2, arbitrary: fc.tuple(any, exact).map(([from, to]) => `-s ${from}${single[family]} ${to}`) },
    { weight: 2, arbitrary: exact.map((to) => `${to} -p tcp -m tcp --dport 80`) },
    { weight: 2, arbitrary: exact.map((to) => `! ${to}`) },
    { weight: 2, arbitrary: block },
    { weight: 1, arbitrary: exact.map((to) => `${to} ${chance}`) },
    { weight: 1, arbitrary: exact.map((to) => `${chance} ${to}`) },
    { weight: 1, arbitrary: fc.constant('') },
  );
}

const target = fc.oneof(
  { weight: 4, arbitrary: fc.constant('-j MARK --set-xmark 0x1/0x0') },
  { weight: 2, arbitrary: fc.constantFrom('-j OTHER', '-g OTHER', '') },
  { weight: 1, arbitrary: fc.constantFrom('-j RETURN', '-j ACCEPT', '-j DROP') },
);
const leaf = fc.constantFrom('-j MARK --set-xmark 0x2/0x0', '-j RETURN', '-j DROP', '');

const cases = fc.constantFrom<Family>('ip', 'ip6').chain((family) => {
  const rules = (to: fc.Arbitrary<string>, chain: string) =>
    fc.array(
      fc.tuple(conditionOf(family), to).map((parts) => `-A ${chain} ${parts.join(' ')}`),
      { minLength: 10, maxLength: 40 },
    );
  return fc.record({
    family: fc.constant(family),
    rules: fc.tuple(rules(target, 'FORWARD'), rules(leaf, 'OTHER')).map((all) => all.flat()),
    from: fc.integer({ min: 0, max: 7 }),
    to: fc.integer({ min: 0, max: 8 }),
  });
});

function tableOf(family: Family, rules: readonly string[]): Table {
  const text = `*filter\n:FORWARD ACCEPT [0:0]\n:OTHER - [0:0]\n${rules.join('\n')}\nCOMMIT\n`;
  const read = readIptablesSave([new TextEncoder().encode(text)], { backend: 'nft', family, source: 'rules' });
  const table = read.ok ? read.value.tables.get('filter') : undefined;
  if (table === undefined) throw new Error(text);
  return table;
}

function packetOf(family: Family, from: number, to: number): PacketState {
  const end = (last: number, port: number) => ({ address: parseAddress(address(family, last)) as Address, port });
  const ends = { source: end(from, 40_000), destination: end(to, 80) };
  return {
    family,
    leg: 'request',
    direction: 'ORIGINAL',
    protocol: 6,
    icmp: null,
    tcpFlags: 2,
    ...ends,
    inInterface: 'a',
    outInterface: 'b',
    mark: 0,
    tracked: 'NEW',
    connection: { original: ends, translated: ends, destinationBound: false, sourceBound: false, mark: 0 },
  };
}

/** What happens under the first 64 sets of answers to what the rules leave to chance. */
function allRuns(ruleIndex: RuleIndex, table: Table, packet: () => PacketState): readonly unknown[] {
  const chain = table.chains.get('FORWARD');
  if (chain === undefined) throw new Error('no FORWARD');
  const choices = new Choices();
  const seen: unknown[] = [];
  // These rules look at nothing else of the model.
  const model = { ruleIndex, without: [] } as unknown as Model;
  do {
    const run: Run = { model, choices, steps: [], gaps: [], blame: null };
    const state = packet();
    const base = { backend: 'nft', family: state.family, table: 'filter', chain, chains: table.chains, source: 'rules' } as const;
    seen.push([runBaseChain(base, 'forward', state, run), state.mark, run.steps, run.gaps, run.blame, choices.probability]);
  } while (choices.advance() && seen.length < 64);
  return seen;
}

describe('the index of a chain', () => {
  it('leads through the same steps to the same end as looking at every rule', () => {
    fc.assert(
      fc.property(cases, ({ family, rules, from, to }) => {
        const table = tableOf(family, rules);
        const packet = (): PacketState => packetOf(family, from, to);
        expect(allRuns(new RuleIndex(), table, packet)).toEqual(allRuns(new EveryRule(), table, packet));
      }),
      { numRuns: 300 },
    );
  });

  it('skips rules for other single addresses in a long chain', () => {
    const rules = Array.from({ length: 100 }, (_, last) => `-A FORWARD -d 10.0.0.${last}/32 -j OTHER`);
    const chain = tableOf('ip', [...rules, '-A FORWARD -j DROP']).chains.get('FORWARD');
    if (chain === undefined) throw new Error('no FORWARD');
    const index = new RuleIndex();
    expect([0, 8, 101].map((from) => index.next(chain, from, packetOf('ip', 1, 7)))).toEqual([7, 100, 101]);
  });
});

import { describe, expect, test } from 'vitest';
import { instant } from '#facts/instant.ts';
import { joinFacts } from './chain.ts';
import type { Fact } from './fact.ts';

const evidence = [{ source: 'logs/x.log', line: 1, text: 'x', says: 'x' }];
const fact = (id: Fact['id'], rest: Partial<Fact> = {}): Fact => ({
  id,
  subject: 's',
  detail: 'd',
  at: null,
  confidence: 'proven',
  evidence,
  causedBy: [],
  ...rest,
});
const ids = (facts: readonly { readonly id: string }[]): readonly string[] => facts.map(({ id }) => id);

describe('joinFacts', () => {
  test('a storm and a backend that was misdetected for another reason are not joined', () => {
    const facts = [fact('pids-limit-reached'), fact('backend-misdetected'), fact('stale-rules', { causedBy: ['backend-misdetected'] })];
    const { chain, findings } = joinFacts(facts);
    expect([ids(chain), ids(findings)]).toEqual([['backend-misdetected', 'stale-rules'], ['pids-limit-reached']]);
  });

  test('an effect that was there well before its cause is not joined to it', () => {
    const cause = fact('component-restarts', { at: instant(3_600_000) });
    const effect = fact('backend-misdetected', { at: instant(0), causedBy: ['component-restarts'] });
    expect(joinFacts([cause, effect]).chain).toEqual([]);
  });

  test('the first of a chain is the root cause, the last the symptom, whatever order they were found in', () => {
    const { chain } = joinFacts([fact('stale-rules', { causedBy: ['backend-misdetected'] }), fact('backend-misdetected')]);
    expect(chain.map(({ id, role }) => [id, role])).toEqual([
      ['backend-misdetected', 'root-cause'],
      ['stale-rules', 'symptom'],
    ]);
  });

  test('what no line shows is presumed', () => {
    expect(joinFacts([fact('stale-rules', { evidence: [] })]).findings[0]?.confidence).toBe('presumed');
  });
});

import { describe, expect, test } from 'vitest';
import { diagnose } from '#engines/diagnosis/index.ts';
import type { Finding } from '#facts/diagnosis.ts';
import { crash, type NodeStory, nodeSnapshot, start } from '../../test/support/node-files.ts';
import { postmortem } from './postmortem.ts';

const incident: NodeStory = {
  pods: 6,
  calico: { nft: 4, legacy: 6 },
  felixLog: start('01:00:00', 'nft') + crash + start('02:14:40', 'legacy', { failing: true }),
  tasks: { each: 11_000, limit: 66_000, refused: 240 },
};
const stories: readonly (readonly [name: string, story: NodeStory])[] = [
  ['the whole incident', incident],
  ['a storm by itself', { ...incident, calico: { nft: 6 }, felixLog: start('01:00:00', 'nft') + crash }],
  ['stale rules without a storm', { calico: { nft: 3, legacy: 3 }, felixLog: start('02:00:00', 'legacy'), configured: 'Legacy' }],
  ['an unreadable nft dump', { ...incident, without: ['netfilter/iptables-nft-save', 'netfilter/ip6tables-nft-save'] }],
  ['a sound node', {}],
];

/** Each number in a finding becomes one that stands nowhere else, so that a sentence which leaves it out is seen. */
function marked(finding: Finding): { readonly finding: Finding; readonly numbers: readonly string[] } {
  const counted = Object.entries(finding.figures ?? {}).filter(([name, value]) => typeof value === 'number' && !name.startsWith('by'));
  const replaced = counted.map(([name], i) => [name, 700_001 + i] as const);
  return {
    finding: { ...finding, figures: { ...finding.figures, ...Object.fromEntries(replaced) }, evidence: [] },
    numbers: replaced.map(([, value]) => value.toLocaleString('en-US')),
  };
}
const titles = [
  ['en', 'Investigation'],
  ['zh', '排查过程'],
] as const;
const commandsOf = (markdown: string): readonly string[] => [...markdown.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block ?? '');
const section = (markdown: string, title: string): string => markdown.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

describe('postmortem', () => {
  test.each(stories)('%s: both languages give every figure of a finding', (_, story) => {
    const diagnosis = diagnose(nodeSnapshot(story));
    for (const { finding, numbers } of [...diagnosis.chain, ...diagnosis.findings].map(marked)) {
      const one = { ...diagnosis, chain: [], findings: [finding] };
      for (const [language, title] of titles) {
        const steps = section(postmortem(one, language), title);
        expect(
          numbers.filter((number) => !steps.includes(number)),
          `${finding.id} in ${language}`,
        ).toEqual([]);
      }
    }
  });

  test.each(stories)('%s: both languages give the same commands', (_, story) => {
    const diagnosis = diagnose(nodeSnapshot(story));
    expect(commandsOf(postmortem(diagnosis, 'zh'))).toEqual(commandsOf(postmortem(diagnosis, 'en')));
  });

  test.each(stories)('%s: nothing of the Chinese write-up is left in English', (_, story) => {
    const lines = postmortem(diagnose(nodeSnapshot(story)), 'zh').split('\n');
    expect(lines.filter((line) => line.includes('英文原文'))).toEqual([]);
  });

  test('a sentence that has no Chinese is shown in English and marked as such', () => {
    const diagnosis = diagnose(nodeSnapshot({}));
    const unknown = { ...diagnosis, undecided: [{ question: 'is the moon full?', missing: 'a look at the sky' }] };
    expect(section(postmortem(unknown, 'zh'), '尚未判定的问题')).toContain('【英文原文】is the moon full?');
  });

  test('a finding whose figures are not there falls back to its sentence', () => {
    const { chain, ...rest } = diagnose(nodeSnapshot(incident));
    const [first] = chain;
    if (first === undefined) throw new Error('the incident has no chain');
    const bare = { ...rest, chain: [{ ...first, figures: {} }] };
    expect(postmortem(bare, 'en')).toContain(first.detail);
    expect(postmortem(bare, 'zh')).toContain(`【英文原文】${first.detail}`);
  });

  test('a step cites five lines at the most, unlike ones first, and counts the rest', () => {
    const { chain, ...rest } = diagnose(nodeSnapshot(incident));
    const line = (i: number) => ({ source: 'logs/x.log', line: i, text: `line ${i}`, says: i === 9 ? 'no limit' : `${i} tasks` });
    const [first] = chain;
    if (first === undefined) throw new Error('the incident has no chain');
    const steps = section(
      postmortem({ ...rest, chain: [{ ...first, evidence: [1, 2, 3, 4, 5, 6, 7, 8, 9].map(line) }] }, 'en'),
      'Investigation',
    );
    expect([...steps.matchAll(/x\.log:(\d)/g)].map(([, i]) => i)).toEqual(['1', '2', '3', '4', '9']);
    expect(steps).toContain('and 4 more');
  });

  test.each(['en', 'zh'] as const)('%s: text of the node is neither markup nor a control character', (language) => {
    const diagnosis = diagnose(nodeSnapshot(incident));
    const evil = { source: 'logs/x.log', line: 1, text: '`<b>\u001b[31m\u202e`', says: '<script>' };
    const chain = diagnosis.chain.map((each) => ({ ...each, figures: { ...each.figures, workload: '<b>`x`\u001b' }, evidence: [evil] }));
    const markdown = postmortem({ ...diagnosis, node: '<i>*n*', chain }, language);
    expect(markdown.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
    expect(markdown.replaceAll(/(`+).*?\1/g, '')).not.toMatch(/(?<!\\)<[a-z]/);
  });
});

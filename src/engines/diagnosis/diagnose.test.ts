import { describe, expect, test } from 'vitest';
import type { Diagnosis } from '#facts/diagnosis.ts';
import { memoryFiles, snapshotOf } from '#snapshots/index.ts';
import { foundingChain } from '../../../test/support/founding-chain.ts';
import { crash, type NodeStory, nodeFiles, nodeSnapshot, start } from '../../../test/support/node-files.ts';
import { diagnose } from './index.ts';

const drifted = start('01:00:00', 'nft') + crash + start('02:14:40', 'legacy', { failing: true });
const ids = (findings: Diagnosis['chain']): readonly string[] => findings.map(({ id }) => id);

const incident: NodeStory = {
  pods: 6,
  calico: { nft: 4, legacy: 6 },
  felixLog: drifted,
  tasks: { each: 11_000, limit: 66_000, refused: 240 },
};

const stories: readonly {
  readonly rule: string;
  readonly story: NodeStory;
  readonly verdict: string;
  readonly chain: readonly string[];
  readonly findings: readonly string[];
}[] = [
  {
    rule: 'the whole incident is one chain from the threads to the packets',
    story: incident,
    verdict: 'broken',
    chain: foundingChain,
    findings: [],
  },
  {
    rule: 'a storm by itself touches no rules',
    story: {
      pods: 6,
      felixLog: start('01:00:00', 'nft') + crash + start('02:14:40', 'nft'),
      tasks: { each: 11_000, limit: 66_000, refused: 240 },
    },
    verdict: 'broken',
    chain: ['thread-storm', 'pids-limit-reached', 'component-restarts'],
    findings: [],
  },
  {
    rule: 'a Felix that was told legacy is not misdetected; the rules it left in nft are stale',
    story: { calico: { nft: 3, legacy: 3 }, felixLog: start('01:00:00', 'nft') + start('02:00:00', 'legacy'), configured: 'Legacy' },
    verdict: 'degraded',
    chain: [],
    findings: ['stale-rules'],
  },
  {
    rule: 'rules of others make Felix choose legacy: no storm, and no drop before a new pod is there',
    story: { calico: { nft: 3, legacy: 3 }, foreignLegacyRules: 12, felixLog: start('01:00:00', 'nft') + start('02:00:00', 'legacy') },
    verdict: 'degraded',
    chain: ['backend-misdetected', 'backend-locked-in', 'stale-rules'],
    findings: [],
  },
  { rule: 'a sound node is healthy', story: {}, verdict: 'healthy', chain: [], findings: [] },
];

describe('diagnose', () => {
  test.each(stories)('$rule', ({ story, verdict, chain, findings }) => {
    const diagnosis = diagnose(nodeSnapshot(story));
    expect({ verdict: diagnosis.verdict, chain: ids(diagnosis.chain), findings: ids(diagnosis.findings) }).toEqual({
      verdict,
      chain,
      findings,
    });
  });

  test('every cited line is the line of its file, character for character', () => {
    const files = nodeFiles(incident);
    const { chain, findings, ruledOut } = diagnose(nodeSnapshot(incident));
    const cited = [...chain, ...findings, ...ruledOut].flatMap(({ evidence }) => evidence);
    for (const { source, line, text } of cited) expect(new TextDecoder().decode(files.get(source)).split('\n')[line - 1]).toBe(text);
    expect(cited.length).toBeGreaterThan(10);
  });

  test("without Felix's log the stale side is the one that does not know every interface, and nothing of it is proven", () => {
    const { chain } = diagnose(nodeSnapshot({ ...incident, felixLog: null }));
    const misdetected = chain.find(({ id }) => id === 'backend-misdetected');
    expect(misdetected?.confidence).toBe('supported');
  });

  test('without the nft dump nothing is said of stale rules, and the question stays open', () => {
    const { chain, findings, undecided } = diagnose(
      nodeSnapshot({ ...incident, without: ['netfilter/iptables-nft-save', 'netfilter/ip6tables-nft-save'] }),
    );
    expect(ids([...chain, ...findings])).not.toContain('stale-rules');
    expect(undecided.some(({ missing }) => missing.includes('iptables-nft-save'))).toBe(true);
  });

  test('the DROP that is cited is the one that counted, with the packets of all that drop unknown interfaces', () => {
    const files = new Map(nodeFiles(incident));
    const path = 'netfilter/iptables-nft-save';
    const text = new TextDecoder().decode(files.get(path));
    const counted = text.replace(/\[0:0\] (-A cali-from-wl-dispatch .*-j DROP)/, '[17:900] $1');
    files.set(path, new TextEncoder().encode(counted));
    const opened = snapshotOf(memoryFiles('test', files));
    if (!opened.ok) throw new Error(JSON.stringify(opened.problem));
    const drop = diagnose(opened.value).chain.find(({ id }) => id === 'unknown-interface-drop');
    expect(drop?.evidence[0]).toMatchObject({
      text: expect.stringMatching(/^\[17:900\]/),
      says: expect.stringContaining('17 packets so far'),
    });
  });

  test('without the cgroups of a sound node it is undecided, not healthy', () => {
    expect(diagnose(nodeSnapshot({ without: ['cgroup'] })).verdict).toBe('undecided');
  });
});

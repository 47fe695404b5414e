import { describe, expect, test } from 'vitest';
import type { Diagnosis } from '#facts/diagnosis.ts';
import { memoryFiles, snapshotOf } from '#snapshots/index.ts';
import { nftJsonOfSave } from '../../../test/support/nft-json-of-save.ts';
import { crash, type NodeStory, nodeFiles, start } from '../../../test/support/node-files.ts';
import { diagnose } from './index.ts';

type Edits = Readonly<Record<string, (text: string) => string>>;

/** A sound node, or the one of a story, with some of its files edited. */
function diagnosisOf(edits: Edits, story: NodeStory = {}): Diagnosis {
  const files = new Map(nodeFiles(story));
  for (const [path, edit] of Object.entries(edits)) {
    const before = files.get(path);
    files.set(path, new TextEncoder().encode(edit(before === undefined ? '' : new TextDecoder().decode(before))));
  }
  // nft lists the added rules, too.
  const text = (path: string): string => new TextDecoder().decode(files.get(path));
  if (edits['netfilter/iptables-nft-save'] === withPolicy) {
    const json = nftJsonOfSave({ ip: text('netfilter/iptables-nft-save'), ip6: text('netfilter/ip6tables-nft-save') });
    files.set('netfilter/nft-ruleset.json', new TextEncoder().encode(json));
  }
  const opened = snapshotOf(memoryFiles('test', files));
  if (!opened.ok) throw new Error(JSON.stringify(opened.problem));
  return diagnose(opened.value);
}

const drifted: NodeStory = {
  pods: 6,
  calico: { nft: 4, legacy: 6 },
  felixLog: start('01:00:00', 'nft') + crash + start('02:14:40', 'legacy', { failing: true }),
};
const native = (family: string, table: string, chain: string, name = 'forward') =>
  JSON.stringify({
    nftables: [
      { table: { family, name: table, handle: 1 } },
      {
        chain: {
          family,
          table,
          name: chain,
          handle: 1,
          type: 'filter',
          hook: name,
          prio: 0,
          policy: family === 'inet' ? 'drop' : 'accept',
        },
      },
      {
        rule: {
          family,
          table,
          chain,
          handle: 2,
          expr: [
            { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: { set: ['203.0.113.1', '203.0.113.2'] } } },
            { drop: null },
          ],
        },
      },
    ],
  });
const reject =
  '[0:0] -A FORWARD -d 10.244.1.10/32 -j KUBE-POD-FW-ABC\n[0:0] -A KUBE-POD-FW-ABC -j REJECT --reject-with icmp-port-unreachable\n';
const withPolicy = (text: string) =>
  text.replace(/(\*filter\n(?::.*\n)+)([\s\S]*?COMMIT)/, (_, head, rest) => `${head}:KUBE-POD-FW-ABC - [0:0]\n${reject}${rest}`);

describe('the verdict', () => {
  test.each([
    ['a native chain that drops', { 'netfilter/nft-ruleset.json': () => native('inet', 'fw', 'f') }, {}],
    ['no nft JSON', {}, { without: ['netfilter/nft-ruleset.json'] }],
    [
      'an unreadable table',
      { 'netfilter/iptables-nft-save': (text: string) => `${text}# Table \`filter' is incompatible, use 'nft' tool.\n` },
      {},
    ],
    ['no pods', {}, { without: ['kubernetes/pods.json'] }],
    ['no routes', {}, { without: ['net/route.json'] }],
  ] as const)('is undecided with %s', (_, edits, story) => {
    expect(diagnosisOf(edits as Edits, story as NodeStory).verdict).toBe('undecided');
  });

  test('is healthy where a network policy rejects', () => {
    expect(diagnosisOf({ 'netfilter/iptables-nft-save': withPolicy })).toMatchObject({ verdict: 'healthy', findings: [] });
  });

  test('is broken where the kernel itself drops, and cites the route', () => {
    const { verdict, findings, chain } = diagnosisOf({
      'net/route.json': (text) =>
        text
          .replace('\n]', ',\n{"type":"prohibit","dst":"10.244.1.11","table":"main","metric":0,"flags":[]}\n]')
          .replace(/\{"dst":"10.244.1.11"[^\n]*\n/, ''),
    });
    const lost = [...chain, ...findings].find(({ id }) => id === 'pod-traffic-dropped');
    expect([verdict, lost?.evidence[0]?.source]).toEqual(['broken', 'net/route.json']);
  });

  test('is degraded where one pod is at its own limit', () => {
    const pod = 'cgroup/pids/kubepods/pod00000000-0000-4000-8000-000000000000';
    expect(diagnosisOf({ [`${pod}/pids.max`]: () => '4\n', [`${pod}/pids.events`]: () => 'max 9\n' }).verdict).toBe('degraded');
  });
});

describe('the actions', () => {
  test('remove nothing from nft where others wrote into its tables, and say so', () => {
    const { actions, undecided } = diagnosisOf({ 'netfilter/nft-ruleset.json': () => native('ip', 'filter', 'INPUT', 'input') }, drifted);
    expect(actions.map(({ id }) => id)).not.toContain('interim-clear-stale-rules');
    expect(undecided.some(({ question }) => question.includes('without harm to others'))).toBe(true);
  });

  test('never hold a value of a bundle that a shell could run', () => {
    const evil = "x'; touch PWNED; '";
    const item = { kind: 'FelixConfiguration', metadata: { name: 'node.node-a' }, spec: { iptablesBackend: evil } };
    const { actions } = diagnosisOf(
      { 'kubernetes/felixconfigurations.json': () => JSON.stringify({ kind: 'List', items: [item] }) },
      drifted,
    );
    expect(actions.map(({ id }) => id)).toContain('pin-felix-backend');
    expect(JSON.stringify(actions)).not.toContain('PWNED');
  });
});

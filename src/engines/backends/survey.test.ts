import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Family } from '#facts/address.ts';
import { parseAddress, parsePrefix } from '#facts/address.ts';
import type { Evidence } from '#facts/evidence.ts';
import { instant } from '#facts/instant.ts';
import type { LogEvent } from '#facts/log.ts';
import type { Link } from '#facts/network.ts';
import { missing, type Reading, read } from '#facts/result.ts';
import type { Backend, Ruleset } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { readIptablesSave } from '#formats/iptables-save.ts';
import { compareInterfaces, configuredBackend, judgeBackends, probeOutcomes, replayChoice, surveyBackends } from './index.ts';

const files = new Map<string, string>();

function dump(backend: Backend, family: Family, text: string): Reading<Ruleset> {
  const source = `netfilter/${family === 'ip' ? 'ip' : 'ip6'}tables-${backend}-save`;
  files.set(source, text);
  const ruleset = readIptablesSave([new TextEncoder().encode(text)], { backend, family, source });
  if (!ruleset.ok) throw new Error(JSON.stringify(ruleset.problem));
  return read(ruleset.value, source);
}

const empty = (backend: Backend, family: Family): Reading<Ruleset> =>
  read({ backend, family, source: 'x', tables: new Map(), unreadable: [] }, 'x');

/** filter and mangle as Calico v3.18 writes them, with a child dispatch chain where two interfaces share a character. */
function calico(interfaces: readonly string[], options: { readonly hint?: boolean; readonly to?: readonly string[] } = {}): string {
  const dispatch = (direction: '-i' | '-o', root: string, prefix: string, names: readonly string[]): readonly string[] => {
    const first = names.filter((name) => name.startsWith('cali1'));
    const rest = names.filter((name) => !name.startsWith('cali1'));
    return [
      ...(first.length > 0 ? [`-A ${root} ${direction} cali1+ -g ${root}-1`] : []),
      ...rest.map((name) => `-A ${root} ${direction} ${name} -g ${prefix}${name}`),
      `-A ${root} -m comment --comment "cali:aaaaaaaaaaaaaaaa" -m comment --comment "Unknown interface" -j DROP`,
      ...(first.length > 0
        ? [...first.map((name) => `-A ${root}-1 ${direction} ${name} -g ${prefix}${name}`), `-A ${root}-1 -j DROP`]
        : []),
    ];
  };
  const to = options.to ?? interfaces;
  const rules = [
    '-A INPUT -m comment --comment "cali:Cz_u1IQiXIMmKD4c" -j cali-INPUT',
    '-A INPUT -p tcp -j ACCEPT',
    '-A cali-INPUT -i cali+ -g cali-wl-to-host',
    '-A cali-wl-to-host -j cali-from-wl-dispatch',
    ...dispatch('-i', 'cali-from-wl-dispatch', 'cali-fw-', interfaces),
    ...dispatch('-o', 'cali-to-wl-dispatch', 'cali-tw-', to),
  ];
  const chains = [
    'cali-INPUT',
    'cali-wl-to-host',
    'cali-from-wl-dispatch',
    'cali-from-wl-dispatch-1',
    'cali-to-wl-dispatch',
    'cali-to-wl-dispatch-1',
  ];
  const ends = [...interfaces.map((name) => `cali-fw-${name}`), ...to.map((name) => `cali-tw-${name}`)];
  const filter = ['*filter', ':INPUT ACCEPT [0:0]', ...[...chains, ...ends].map((name) => `:${name} - [0:0]`), ...rules, 'COMMIT'];
  const hint = ['*mangle', ':PREROUTING ACCEPT [1:2]', ':KUBE-KUBELET-CANARY - [0:0]', 'COMMIT'];
  return `${[...filter, ...(options.hint === true ? hint : [])].join('\n')}\n`;
}

function link(name: string, up = true): Link {
  const at = { source: 'net/link.json', line: 1 };
  return { index: 1, name, mtu: 1440, up, carrier: true, loopback: false, kind: 'veth', master: null, mac: null, at };
}

interface Node {
  readonly legacy?: Reading<Ruleset>;
  readonly nft?: Reading<Ruleset>;
  readonly interfaces?: readonly string[];
}

function node({ legacy, nft, interfaces }: Node): Snapshot {
  const not = missing('kubernetes', 'not captured');
  return {
    node: 'n1',
    rulesets: {
      legacy: { ip: legacy ?? empty('legacy', 'ip'), ip6: empty('legacy', 'ip6') },
      nft: { ip: nft ?? empty('nft', 'ip'), ip6: empty('nft', 'ip6') },
    },
    links:
      interfaces === undefined
        ? missing('net/link.json', 'EAGAIN')
        : read(
            interfaces.map((name) => link(name)),
            'net/link.json',
          ),
    routes: not,
    pods: not,
    daemonSets: not,
    felixConfigurations: not,
  } as unknown as Snapshot;
}

function lookup(seconds: number | null, mode: string, operation = 'restore', source = 'logs/calico-node.log'): LogEvent {
  const fields = { backendMode: mode, saveOrRestore: operation };
  return event(seconds, 'felix-iptables-lookup', fields, source);
}

function event(seconds: number | null, signature: string, fields: LogEvent['fields'] = {}, source = 'logs/calico-node.log'): LogEvent {
  const time = seconds === null ? null : instant(seconds * 1000);
  return { signature, component: 'calico-node', time, at: { source, line: seconds ?? 1 }, text: signature, meaning: '', fields };
}

const start = (seconds: number | null, source?: string): LogEvent => event(seconds, 'felix-starting', {}, source);
const old = ['cali10000000001', 'cali10000000002', 'cali20000000003'];
const withNew = [...old, 'cali30000000004'];

/** The incident: nft rules from before the storm, legacy rules of the mistaken Felix, one pod that only legacy knows. */
const drifted = (): Snapshot =>
  node({ legacy: dump('legacy', 'ip', calico(withNew)), nft: dump('nft', 'ip', calico(old, { hint: true })), interfaces: withNew });

function judged(snapshot: Snapshot, events: readonly LogEvent[]): ReturnType<typeof judgeBackends> {
  return judgeBackends(surveyBackends(snapshot, events), compareInterfaces(snapshot));
}

function expectExact(evidence: readonly Evidence[]): void {
  for (const { source, line, text } of evidence.filter((each) => files.has(each.source))) {
    expect(text).toBe(files.get(source)?.split('\n')[line - 1]);
  }
}

describe('the survey', () => {
  test('owners are told apart by chain, by target and by comment; counts add up to the dump', () => {
    const survey = surveyBackends(drifted(), []);
    const inNft = survey.owned.filter(({ backend }) => backend === 'nft');
    expect(inNft.map(({ owner }) => owner).sort()).toEqual(['calico', 'kubelet', 'other']);
    const dashes = files
      .get('netfilter/iptables-nft-save')
      ?.split('\n')
      .filter((line) => line.startsWith('-')).length;
    expect(inNft.reduce((sum, { rules }) => sum + rules, 0)).toBe(dashes);
    expect(inNft.find(({ owner }) => owner === 'other')?.rules).toBe(1);
  });

  test('interfaces are those of the root and its child chains, without wildcards', () => {
    const survey = surveyBackends(drifted(), []);
    expect(survey.owned.filter(({ owner }) => owner === 'calico').map(({ backend, interfaces }) => [backend, interfaces])).toEqual([
      ['legacy', withNew],
      ['nft', old],
    ]);
  });

  test('an interface that only one direction knows is not known', () => {
    const snapshot = node({ nft: dump('nft', 'ip', calico(withNew, { to: old })), interfaces: withNew });
    expect(surveyBackends(snapshot, []).owned.find(({ owner }) => owner === 'calico')?.interfaces).toEqual(old);
  });

  test('evidence is the line of the file, character for character', () => {
    for (const { evidence } of surveyBackends(drifted(), []).owned) {
      expect(evidence.length).toBeGreaterThan(0);
      expectExact(evidence);
    }
  });

  test('evidence of a dump with counters has them', () => {
    const text = calico(old).replace(/^-A/gm, '[12:840] -A');
    for (const { evidence } of surveyBackends(node({ nft: dump('nft', 'ip', text) }), []).owned) expectExact(evidence);
  });

  test('evidence from a real dump of kube-proxy rules is exact too', () => {
    const text = readFileSync(new URL('../../formats/fixtures/kube-proxy-20svc.save', import.meta.url), 'utf8');
    const survey = surveyBackends(node({ legacy: dump('legacy', 'ip', text) }), []);
    expect(survey.owned.map(({ owner }) => owner)).toContain('kube-proxy');
    for (const { evidence } of survey.owned) expectExact(evidence);
  });

  test('a dump that could not be read leaves a question', () => {
    const survey = surveyBackends(node({ legacy: missing('netfilter/iptables-legacy-save', 'EAGAIN') }), []);
    expect(survey.undecided).toEqual([{ question: 'whose rules are in legacy ip?', missing: 'netfilter/iptables-legacy-save: EAGAIN' }]);
  });
});

describe('the backend that Felix uses', () => {
  const uses = (...events: LogEvent[]) => surveyBackends(drifted(), events).felixUses?.backend ?? null;

  test.each<[string, LogEvent[], Backend | null]>([
    ['is that of the restore look-ups after the newest start', [start(1), lookup(2, 'nft'), start(3), lookup(4, 'legacy')], 'legacy'],
    ['is unknown between a start and its first look-up', [start(1), lookup(2, 'nft'), start(3)], null],
    ['is known where the log begins after the start', [lookup(2, 'nft')], 'nft'],
    ['is not shown by look-ups of save commands', [start(1), lookup(2, 'legacy', 'save')], null],
    ['is undecided where both are looked up since one start', [start(1), lookup(2, 'legacy'), lookup(3, 'nft')], null],
    ['is undecided where files without times cannot be ordered', [start(null, 'a'), lookup(null, 'nft', 'restore', 'b')], null],
    ['is undecided without a log', [], null],
  ])('%s', (_rule, events, backend) => {
    expect(uses(...events)).toBe(backend);
  });
});

describe('the judgement', () => {
  const inLegacy = [start(1), lookup(2, 'legacy')];

  test('Calico rules in the backend that Felix does not use are stale, and the live interface they do not know is named', () => {
    const { disagreements, undecided } = judged(drifted(), inLegacy);
    expect(undecided).toEqual([]);
    expect(disagreements).toMatchObject([
      { kind: 'stale-calico-rules', backend: 'nft', family: 'ip' },
      { kind: 'interfaces-unknown', backend: 'nft', interfaces: ['cali30000000004'] },
    ]);
    for (const { evidence } of disagreements) expectExact(evidence);
  });

  test('with nft pinned while legacy rules stay, the roles swap', () => {
    expect(judged(drifted(), [start(1), lookup(2, 'nft')]).disagreements).toMatchObject([
      { kind: 'stale-calico-rules', backend: 'legacy' },
      { kind: 'interfaces-unknown', backend: 'nft' },
    ]);
  });

  test('without a log both backends disagree, and which one is stale stays undecided', () => {
    const { disagreements, undecided } = judged(drifted(), []);
    expect(disagreements.map(({ kind }) => kind)).toEqual(['calico-in-both-backends', 'interfaces-unknown']);
    expect(undecided.map(({ question }) => question)).toEqual(['which backend does Felix program?']);
  });

  test('one backend that knows every live interface is fine, also where the log begins after the start', () => {
    const healthy = node({ nft: dump('nft', 'ip', calico(old, { hint: true })), interfaces: old });
    expect(judged(healthy, [])).toEqual({ disagreements: [], undecided: [] });
  });

  test('links that could not be read leave a question, not a verdict', () => {
    const blind = node({ nft: dump('nft', 'ip', calico(old)) });
    expect(judged(blind, [start(1), lookup(2, 'nft')])).toMatchObject({
      disagreements: [],
      undecided: [{ missing: 'net/link.json: EAGAIN' }],
    });
  });

  test('kube-proxy in one backend and nothing of Calico is no disagreement', () => {
    const text = readFileSync(new URL('../../formats/fixtures/kube-proxy-20svc.save', import.meta.url), 'utf8');
    expect(judged(node({ legacy: dump('legacy', 'ip', text) }), [])).toEqual({ disagreements: [], undecided: [] });
  });
});

describe('interfaces', () => {
  test('that are gone, down or of others are told apart', () => {
    const snapshot = node({ nft: dump('nft', 'ip', calico(old)), interfaces: ['eth0', 'vethabc', ...old.slice(1)] });
    const links = snapshot.links as Extract<Snapshot['links'], { kind: 'read' }>;
    const compared = compareInterfaces({ ...snapshot, links: { ...links, value: [...links.value, link('cali99999999999', false)] } });
    expect(compared).toMatchObject({ value: [{ known: old, live: old.slice(1), unknown: [], gone: [old[0]] }] });
  });

  test('that a ruleset does not know are shown with the pods routed to them', () => {
    const address = parseAddress('10.244.1.23');
    const destination = parsePrefix('10.244.1.23/32');
    const pod = { namespace: 'shop', name: 'orders-x2', hostNetwork: false, addresses: [address] };
    const route = { destination, interface: 'cali30000000004' };
    const snapshot = { ...drifted(), pods: read([pod], 'p'), routes: read([route], 'r') } as unknown as Snapshot;
    const compared = compareInterfaces(snapshot);
    expect(compared.kind === 'read' && compared.value.find(({ backend }) => backend === 'nft')?.unknownPods).toEqual([
      { interface: 'cali30000000004', pod: 'shop/orders-x2' },
    ]);
  });
});

describe('the probes of a snapshot', () => {
  const felix = (version: string, snapshot: Snapshot) =>
    replayChoice({ component: 'felix', version, configured: 'auto', outcomes: probeOutcomes(snapshot) });

  test("the mistaken Felix's own legacy rules lock v3.18.1 in", () => {
    expect(felix('v3.18.1', drifted())).toMatchObject({ detected: 'legacy', branch: expect.stringContaining('10 or more legacy rules') });
  });

  test("the kubelet's canary in nft brings v3.26.0 back", () => {
    expect(felix('v3.26.0', drifted())).toMatchObject({ detected: 'nft', branch: expect.stringContaining('hint chain in nft mangle') });
  });

  test('rules of all tables count, and a hint only in mangle', () => {
    const nat = '*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-KUBELET-CANARY - [0:0]\n-A PREROUTING -j ACCEPT\nCOMMIT\n';
    const { commands, legacyTables } = probeOutcomes(node({ legacy: dump('legacy', 'ip', nat) }));
    expect(commands['iptables-legacy-save']).toEqual({ ok: true, rules: 1, kubeHint: false, hintOk: true, kubeHintAnywhere: true });
    expect(legacyTables).toEqual({ ip: true, ip6: false });
  });

  test('a dump that is missing or leaves a table out is unknown', () => {
    const partly = read(
      { backend: 'nft', family: 'ip', source: 'x', tables: new Map(), unreadable: [{ table: 'nat', because: 'y', line: 1 }] } as Ruleset,
      'x',
    );
    const { commands, legacyTables } = probeOutcomes(node({ legacy: missing('x', 'EAGAIN'), nft: partly }));
    expect([commands['iptables-legacy-save'], commands['iptables-nft-save'], legacyTables.ip]).toEqual([null, null, null]);
  });
});

describe('the configured backend', () => {
  const daemonSet = (value: string | null) =>
    read(
      [{ name: 'calico-node', environment: new Map([['calico-node/FELIX_IPTABLESBACKEND', value]]), at: { source: 'd', line: 3 } }],
      'd',
    );
  const felix = (name: string, keys: readonly string[]) =>
    read([{ name, images: [], environment: new Map(keys.map((key) => [key, 'Legacy'])), at: { source: 'd', line: 3 } }], 'd');
  const configuration = (name: string, iptablesBackend: string | null) => ({
    name,
    iptablesBackend,
    at: { source: 'f', line: 1 },
    text: '',
  });
  const of = (parts: object) =>
    configuredBackend({
      ...node({}),
      daemonSets: felix('calico-node', []),
      felixConfigurations: read([], 'f'),
      ...parts,
    } as unknown as Snapshot);

  test('is the environment before any FelixConfiguration, in any case of letters', () => {
    expect(of({ daemonSets: daemonSet('NFT'), felixConfigurations: read([configuration('default', 'Legacy')], 'f') })).toMatchObject({
      value: 'nft',
    });
  });
  test("is the node's FelixConfiguration before the default", () => {
    const felixConfigurations = read([configuration('default', 'Legacy'), configuration('node.n1', 'NFT')], 'f');
    expect(of({ felixConfigurations })).toMatchObject({ value: 'nft' });
  });
  test('is found in a DaemonSet of any name that runs Felix', () => {
    expect(of({ daemonSets: felix('rke2-canal', ['calico-node/FELIX_IPTABLESBACKEND']) })).toMatchObject({ value: 'legacy' });
  });
  test('is auto where nothing is set, and unknown where it cannot be read', () => {
    expect(of({})).toMatchObject({ kind: 'read', value: 'auto' });
    expect(of({ daemonSets: felix('kube-proxy', ['kube-proxy/X']) })).toMatchObject({ kind: 'missing' });
    expect(of({ daemonSets: daemonSet(null) })).toMatchObject({ kind: 'missing' });
    expect(of({ daemonSets: daemonSet('ntf') })).toMatchObject({ kind: 'missing' });
    expect(of({ daemonSets: missing('d', 'no kubectl') })).toMatchObject({ kind: 'missing' });
  });
});

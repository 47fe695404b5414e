import { expect, test } from 'vitest';
import type { BackendReport } from '#facts/backend-report.ts';
import { backendsText } from './backends-text.ts';
import { plain } from './palette.ts';

const options = { palette: plain, width: 400 };

const drop = {
  source: 'netfilter/iptables-nft-save',
  line: 40,
  text: '-A cali-from-wl-dispatch -m comment --comment "Unknown interface" -j DROP',
  says: 'drops',
};
const empty: BackendReport = {
  apiVersion: 'faultline.dev/v1',
  kind: 'BackendReport',
  node: null,
  owned: [],
  felixUses: null,
  iptablesCommand: null,
  readFrom: [],
  interfaces: [],
  disagreements: [],
  undecided: [],
  replay: null,
  notes: [],
};
const known = ['cali1', 'cali2'];

test('a drifted node shows its owners, what disagrees with which line, and what Felix would choose', () => {
  const report: BackendReport = {
    ...empty,
    node: 'n1',
    owned: [
      {
        owner: 'calico',
        backend: 'legacy',
        family: 'ip',
        rules: 61,
        chains: ['cali-INPUT'],
        interfaces: [...known, 'cali3'],
        evidence: [],
      },
      {
        owner: 'calico',
        backend: 'nft',
        family: 'ip',
        rules: 214,
        chains: ['cali-INPUT', 'cali-OUTPUT'],
        interfaces: known,
        evidence: [drop],
      },
    ],
    felixUses: { backend: 'legacy', evidence: [{ source: 'logs/calico-node.log', line: 9, text: 'Looked up iptables command', says: '' }] },
    interfaces: [
      {
        backend: 'nft',
        family: 'ip',
        known,
        live: [...known, 'cali3'],
        unknown: ['cali3'],
        gone: [],
        unknownPods: [{ interface: 'cali3', pod: 'shop/orders' }],
        evidence: [drop],
      },
    ],
    disagreements: [
      { kind: 'stale-calico-rules', backend: 'nft', family: 'ip', rules: 214, evidence: [drop] },
      { kind: 'interfaces-unknown', backend: 'nft', family: 'ip', interfaces: ['cali3'], evidence: [drop] },
    ],
    replay: {
      component: 'felix',
      version: 'v3.18.1',
      configured: 'auto',
      detected: 'legacy',
      effective: 'legacy',
      branch: '10 or more legacy rules: legacy, nft is not probed; 61 legacy rules (v4 61, v6 0)',
      warning: null,
      missing: [],
    },
  };
  expect(backendsText(report, options)).toMatchInlineSnapshot(`
    "n1   who programs which iptables backend

     owner   backend  family  rules  chains  workload interfaces
     calico  legacy   ip         61       1                    3
     calico  nft      ip        214       2                    2

     Felix programs legacy
         logs/calico-node.log:9  Looked up iptables command

     x stale rules: 214 Calico rules in nft ip, which Felix does not program
         netfilter/iptables-nft-save:40  -A cali-from-wl-dispatch -m comment --comment "Unknown interface" -j DROP
     x nft ip drops what comes from 1 of 3 live interfaces: cali3 (shop/orders)
         netfilter/iptables-nft-save:40  (above)

     felix v3.18.1 would choose legacy
       10 or more legacy rules: legacy, nft is not probed; 61 legacy rules (v4 61, v6 0)
    "
  `);
});

test('on a narrow terminal only a place may be wider, which is never cut', () => {
  const open = [
    { question: 'whose rules are in legacy ip? '.repeat(5), missing: 'netfilter/iptables-legacy-save: it is not in the snapshot' },
  ];
  const lines = backendsText({ ...empty, node: 'n1', undecided: open, notes: ['a note '.repeat(30)] }, { palette: plain, width: 70 }).split(
    '\n',
  );
  expect(lines.filter((line) => line.length > 70)).toEqual([]);
  // What could not be read is not nothing.
  expect(lines).toContain(' no rules could be read');
});

test('escape sequences from files do not reach the terminal', () => {
  const report: BackendReport = { ...empty, node: '\u001b[2Jn1', undecided: [{ question: 'q?', missing: '\u001b]0;x\u0007' }] };
  expect(backendsText(report, options).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('it says which backend the node’s iptables shows, and which rules the kernel told', () => {
  const text = backendsText(
    {
      ...empty,
      node: 'n1',
      iptablesCommand: 'nft',
      readFrom: [
        { backend: 'legacy', family: 'ip', source: 'netlink/legacy-ip' },
        { backend: 'nft', family: 'ip', source: 'netfilter/iptables-nft-save' },
      ],
    },
    options,
  );
  expect(text).toContain(" the node's own iptables shows nft\n rules read from the kernel itself, not from a save tool: legacy ip\n");
  expect(backendsText({ ...empty, node: 'n1' }, options)).not.toMatch(/iptables shows|from the kernel/);
});

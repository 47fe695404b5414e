import type { Finding, OpenQuestion, RuledOut } from '#facts/diagnosis.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { Check, Outcome } from './check.ts';
import { checkTable } from './check-table.ts';
import { nodeNetwork } from './node-network.ts';

export interface BaseNetworkReport {
  readonly findings: readonly Finding[];
  readonly ruledOut: readonly RuledOut[];
  readonly undecided: readonly OpenQuestion[];
}

/** The checks that people make by hand before they suspect the rules. Every check ends in exactly one of the three lists. */
export function checkBaseNetwork(snapshot: Snapshot): BaseNetworkReport {
  const network = nodeNetwork(snapshot);
  const podless = network.linksMissing === null && network.workloadLinks.length + network.endpoints.length === 0;
  const checks = podless ? checkTable.filter((check) => !check.ofPods) : checkTable;
  const results = checks.map((check) => ({ check, outcome: check.run(network) }));
  return {
    findings: results.flatMap(({ check, outcome }) => findingOf(check, outcome)),
    ruledOut: results.flatMap(({ check, outcome }) =>
      outcome.kind === 'ruled-out' ? [{ id: check.id, because: outcome.because, evidence: outcome.evidence }] : [],
    ),
    undecided: [
      ...(podless ? [{ question: 'does the pod network work?', missing: 'no pod and no workload interface is known here' }] : []),
      ...results.flatMap(({ check, outcome }) =>
        outcome.kind === 'undecided' ? [{ question: check.question, missing: outcome.missing }] : [],
      ),
    ],
  };
}

function findingOf(check: Check, outcome: Outcome): readonly Finding[] {
  if (outcome.kind !== 'finding') return [];
  const { subject, detail, evidence } = outcome;
  const { id, severity, title, leadsTo } = check;
  return [{ id, role: 'root-cause', severity, title, subject, detail, at: null, confidence: 'proven', leadsTo, evidence }];
}

import { cite, type Located } from '#facts/evidence.ts';
import type { LimitId, LimitQuestion, LimitUse } from '#facts/limit.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { figure, type LimitAnswer, limitRow, numberOf, question, rows } from './limit-row.ts';

/** `fs.file-max` against the open files of the host (first field of fs.file-nr). Processes with CAP_SYS_ADMIN are exempt. */
export function openFiles(snapshot: Snapshot): LimitAnswer {
  const use = snapshot.counters.get('fs.file-nr') ?? firstNumber(snapshot.sysctls.get('fs.file-nr'));
  return counted(snapshot, {
    id: 'fs.file-max',
    sysctls: ['fs.file-max'],
    use,
    counter: 'fs.file-nr',
    unit: 'files',
    owner: 'sysctl fs.file-max',
  });
}

/** `nf_conntrack_max` against the connections of this network namespace; 0 is no limit (nf_conntrack_core.c). */
export function connections(snapshot: Snapshot): LimitAnswer {
  const name = 'net.netfilter.nf_conntrack_count';
  const use = snapshot.counters.get('nf_conntrack_count') ?? snapshot.counters.get(name) ?? numberOf(snapshot.sysctls.get(name));
  return counted(snapshot, {
    id: 'nf_conntrack_max',
    sysctls: ['net.netfilter.nf_conntrack_max', 'net.nf_conntrack_max'],
    use,
    counter: name,
    unit: 'connections',
    owner: 'kube-proxy: conntrack.maxPerCore, or sysctl',
    zeroIsUnlimited: true,
  });
}

interface TableLimit {
  readonly id: LimitId;
  readonly sysctls: readonly string[];
  readonly use: Located<number> | null;
  readonly counter: string;
  readonly unit: LimitUse['unit'];
  readonly owner: string;
  readonly zeroIsUnlimited?: boolean;
}

function counted(snapshot: Snapshot, of: TableLimit): LimitAnswer {
  const max = of.sysctls.map((name) => numberOf(snapshot.sysctls.get(name))).find((found) => found !== null) ?? null;
  if (max === null || of.use === null) {
    const missing = [...(max === null ? [of.sysctls[0] as string] : []), ...(of.use === null ? [of.counter] : [])];
    return question(of.id, `is there room for ${of.unit} (${of.id})?`, missing.join(', '));
  }
  const limit = max.value === 0 && of.zeroIsUnlimited === true ? null : max.value;
  return rows(
    limitRow({
      id: of.id,
      subject: 'host',
      use: of.use.value,
      limit,
      unit: of.unit,
      owner: of.owner,
      evidence: [
        cite(max, limit === null ? 'no limit' : `at most ${figure(limit)} ${of.unit}`),
        cite(of.use, `${figure(of.use.value)} ${of.unit} now`),
      ],
    }),
  );
}

function firstNumber(sysctl: Located<string> | undefined): Located<number> | null {
  const first = /^\d+/.exec(sysctl?.value ?? '');
  return sysctl === undefined || first === null ? null : { ...sysctl, value: Number(first[0]) };
}

/**
 * gc_thresh3 of each family. The kernel's table is one for all network namespaces, pods' included, and a snapshot holds the
 * node's own neighbours only: the use is a lower bound, so it can bind but never be shown to be free.
 */
export function neighbours(snapshot: Snapshot): LimitAnswer {
  const asks = 'is the neighbour table full (gc_thresh3)?';
  if (snapshot.neighbours.kind === 'missing') {
    return question('neighbour-gc_thresh3', asks, `${snapshot.neighbours.source}: ${snapshot.neighbours.because}`);
  }
  const entries = snapshot.neighbours.value.filter((entry) => !entry.state.some((state) => state === 'PERMANENT' || state === 'NOARP'));
  const limits: LimitUse[] = [];
  const undecided: LimitQuestion[] = [];
  for (const [family, protocol] of [
    ['ip', 'ipv4'],
    ['ip6', 'ipv6'],
  ] as const) {
    const name = `net.${protocol}.neigh.default.gc_thresh3`;
    const max = numberOf(snapshot.sysctls.get(name));
    const use = entries.filter((entry) => entry.address.family === family).length;
    if (max === null) {
      undecided.push({ limit: 'neighbour-gc_thresh3', question: `${asks} ${protocol}`, missing: name });
      continue;
    }
    const row = neighbourRow(protocol, use, max);
    limits.push(row);
    if (row.state !== 'binds') {
      const missing = "neighbours in the pods' own network namespaces, which count as well";
      undecided.push({
        limit: 'neighbour-gc_thresh3',
        question: `is the ${protocol} neighbour table full (gc_thresh3)?`,
        missing,
        routine: true,
      });
    }
  }
  return { limits, undecided };
}

function neighbourRow(protocol: string, use: number, max: Located<number>): LimitUse {
  return limitRow({
    id: 'neighbour-gc_thresh3',
    subject: `${protocol} neighbours`,
    use,
    limit: max.value,
    unit: 'neighbours',
    estimated: true,
    owner: `sysctl net.${protocol}.neigh.default.gc_thresh3`,
    evidence: [cite(max, `at most ${figure(max.value)} neighbours on the host; ${figure(use)} in the node's own namespace`)],
  });
}

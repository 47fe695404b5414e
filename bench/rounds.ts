import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, clusterOf } from './cluster.ts';
import { connections } from './connections.ts';
import { kernelAnswer, kernelDecisionsPerSecond } from './kernel-decisions.ts';
import { type BenchNode, loadRules, openNode } from './node.ts';
import { run } from './processes.ts';
import type { SubjectKind, SubjectReport } from './subject.ts';

/** One size, measured in rounds. Milliseconds are from spawn to exit unless said otherwise; kilobytes are a process's high-water mark. */
export interface Results {
  /** As iptables-nft-save prints them. */
  readonly rules: number;
  readonly dumpBytes: number;
  readonly nftSave: Sample[];
  readonly legacySave: Sample[];
  readonly load: SubjectReport[];
  readonly netlink: SubjectReport[];
  readonly walk: SubjectReport[];
  /** New connections that the kernel decides in a second. */
  readonly kernel: number[];
}

export interface Sample {
  readonly milliseconds: number;
  readonly kilobytes: number | null;
}

const seed = 20260101;
/** The kernel's own rate is measured over this many connections: fewer where each takes longer. */
const kernelConnections = (rules: number): number => Math.max(3000, Math.min(40_000, Math.round(3e9 / rules)));

/** Loads the rules into both backends of this network namespace and measures everything in turn, round by round. */
export function measureSize(wanted: number, rounds: number, folder: string): Results {
  const progress = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
  const cluster = clusterOf(wanted);
  const environment = { ...process.env, XTABLES_LOCKFILE: join(folder, 'xtables.lock') };
  const dump = join(folder, 'rules');
  const node = openNode(cluster);
  progress(`${cluster.serviceRules} rules of kube-proxy and Calico's into both backends`);
  loadRules(cluster, environment);
  const output = openSync(dump, 'w');
  run(['iptables-nft-save'], { environment, output });
  closeSync(output);
  const printed = readFileSync(dump, 'utf8').match(/^-A /gm)?.length ?? 0;
  const results: Results = {
    rules: printed,
    dumpBytes: statSync(dump).size,
    nftSave: [],
    legacySave: [],
    load: [],
    netlink: [],
    walk: [],
    kernel: [],
  };
  for (let round = 1; round <= rounds; round++) {
    progress(`${printed} rules, round ${round} of ${rounds}`);
    measureRound(results, { cluster, node, environment, dump, folder });
  }
  demandSameAnswers(results, node, cluster);
  node.close();
  return results;
}

interface Setting {
  readonly cluster: Cluster;
  readonly node: BenchNode;
  readonly environment: NodeJS.ProcessEnv;
  readonly dump: string;
  readonly folder: string;
}

function measureRound(results: Results, setting: Setting): void {
  const { cluster, node } = setting;
  results.nftSave.push(save('iptables-nft-save', setting));
  results.netlink.push(subject('netlink', setting));
  results.load.push(subject('load', setting));
  results.legacySave.push(save('iptables-legacy-save', setting));
  results.kernel.push(kernelDecisionsPerSecond(node, connections(cluster, kernelConnections(results.rules), seed + results.kernel.length)));
  results.walk.push(subject('walk', setting));
}

/** Prints to /dev/null, under GNU time where it is installed: only a parent of its own size tells its memory apart. */
function save(program: string, { environment, folder }: Setting): Sample {
  const memory = join(folder, 'memory');
  const timed = run(['time', '--version'], { environment, mayFail: true }).status === 0;
  const { milliseconds } = run(timed ? ['time', '-f', '%M', '-o', memory, program] : [program], { environment });
  return { milliseconds, kilobytes: timed ? Number(readFileSync(memory, 'utf8')) : null };
}

function subject(kind: SubjectKind, { cluster, environment, dump }: Setting): SubjectReport {
  // 700,000 compiled rules are more than Node's own limit.
  const memory = kind === 'walk' ? ['--max-old-space-size=16384'] : [];
  const program = [
    process.execPath,
    ...memory,
    join(import.meta.dirname, 'subject.ts'),
    kind,
    String(cluster.serviceRules),
    String(seed),
    dump,
  ];
  return JSON.parse(run(program, { environment, output: 'pipe' }).text) as SubjectReport;
}

/** The first connections once more, one by one: where the kernel sends them must be among the walk's outcomes. */
function demandSameAnswers({ walk }: Results, node: BenchNode, cluster: Cluster): void {
  const answers = walk[0]?.answers ?? [];
  const asked = connections(cluster, answers.length, seed);
  for (const [i, connection] of asked.entries()) {
    const seen = kernelAnswer(node, connection) ?? 'nowhere';
    if (!answers[i]?.includes(seen))
      throw new Error(`connection ${i}: the kernel sends it ${seen}, the walk says ${answers[i]?.join(' or ')}`);
  }
}

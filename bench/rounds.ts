import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { GeneratedRules } from './kube-proxy-rules.ts';
import { run } from './processes.ts';
import type { SubjectKind, SubjectReport } from './report.ts';

/** One run of one program. Milliseconds from spawn to exit unless said otherwise; memory is the process's high-water mark. */
export interface Sample {
  readonly milliseconds: number;
  readonly kilobytes: number | null;
}

export interface Results {
  readonly nftSave: Sample[];
  readonly legacySave: Sample[];
  /** The call alone, without Node's start. */
  readonly load: Sample[];
  readonly link: Sample[];
  /** The whole process, from spawn to exit. */
  readonly loadProcess: Sample[];
  readonly linkProcess: Sample[];
  readonly walk: SubjectReport[];
  readonly dumpBytes: number;
}

/** Loads the rules into both backends of this network namespace and measures everything in turn, round by round. */
export function measureRounds(generated: GeneratedRules, rounds: number, folder: string): Results {
  const progress = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
  const environment = { ...process.env, XTABLES_LOCKFILE: join(folder, 'xtables.lock') };
  const dump = join(folder, 'rules');
  for (const backend of ['nft', 'legacy']) {
    progress(`${generated.ruleCount} rules into iptables-${backend}`);
    run([`iptables-${backend}-restore`], { environment, input: generated.text });
  }
  const output = openSync(dump, 'w');
  run(['iptables-nft-save'], { environment, output });
  closeSync(output);
  demandAllRules(dump, generated.ruleCount);
  const results: Results = {
    nftSave: [],
    legacySave: [],
    load: [],
    link: [],
    loadProcess: [],
    linkProcess: [],
    walk: [],
    dumpBytes: statSync(dump).size,
  };
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}`);
    measureRound(results, { environment, dump, folder, rules: generated.ruleCount });
  }
  return results;
}

interface Setting {
  readonly environment: NodeJS.ProcessEnv;
  readonly dump: string;
  readonly folder: string;
  readonly rules: number;
}

function measureRound(results: Results, setting: Setting): void {
  results.nftSave.push(save('iptables-nft-save', setting));
  const load = subject('load', setting);
  results.load.push(load.report);
  results.loadProcess.push({ milliseconds: load.milliseconds, kilobytes: load.report.kilobytes });
  results.legacySave.push(save('iptables-legacy-save', setting));
  const link = subject('link', setting);
  results.link.push(link.report);
  results.linkProcess.push({ milliseconds: link.milliseconds, kilobytes: link.report.kilobytes });
  results.walk.push(subject('walk', setting).report);
}

/** Prints to /dev/null, under GNU time where it is installed: only a parent of its own size tells its memory apart. */
function save(program: string, { environment, folder }: Setting): Sample {
  const memory = join(folder, 'memory');
  const timed = run(['time', '--version'], { environment, mayFail: true }).status === 0;
  const { milliseconds } = run(timed ? ['time', '-f', '%M', '-o', memory, program] : [program], { environment });
  return { milliseconds, kilobytes: timed ? Number(readFileSync(memory, 'utf8')) : null };
}

function subject(
  kind: SubjectKind,
  { environment, dump, rules }: Setting,
): { readonly report: SubjectReport; readonly milliseconds: number } {
  const program = [process.execPath, join(import.meta.dirname, 'subject.ts'), kind, dump];
  const { milliseconds, text } = run(program, { environment, output: 'pipe' });
  const report = JSON.parse(text) as SubjectReport;
  if (report.rules !== rules) throw new Error(`${kind} found ${report.rules} rules, expected ${rules}`);
  return { report, milliseconds };
}

function demandAllRules(dump: string, expected: number): void {
  const found = readFileSync(dump, 'utf8').match(/^-A /gm)?.length ?? 0;
  if (found !== expected) throw new Error(`iptables-nft-save printed ${found} rules, expected ${expected}`);
}

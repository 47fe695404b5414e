import { assessLimits } from '#engines/limits/index.ts';
import type { LimitId, LimitReport } from '#facts/limit.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { formatIsoTime } from '#formats/parse-time.ts';
import { shown } from '#formats/shown.ts';
import { limitsText } from '#reports/limits-text.ts';
import { type ExitStatus, exitStatus, type RegisterCommand, UserError } from '../command.ts';
import { openSource } from '../source.ts';

export const register: RegisterCommand = (command, run) => {
  command
    .argument('[source]', 'a snapshot or a folder of dumps; left out: this node')
    .option('-o, --output <format>', 'text, wide (all rows with their evidence) or json', 'text')
    .action((source: string | undefined, { output }: { readonly output: string }) =>
      run((io) => {
        if (output !== 'text' && output !== 'wide' && output !== 'json') {
          throw new UserError(`--output: found '${shown(output)}', expected text, wide or json`);
        }
        const snapshot = openSource(source);
        const report = assessLimits(snapshot);
        const options = { palette: io.palette, width: io.fullWidth, wide: output === 'wide' };
        if (output === 'json') io.out(`${JSON.stringify(documentOf(snapshot, report), null, 2)}\n`);
        else io.out(limitsText(snapshot.node, report, options));
        return statusOf(report);
      }),
    );
};

function documentOf({ node, capturedAt }: Snapshot, report: LimitReport): object {
  const time = capturedAt === null ? null : formatIsoTime(capturedAt);
  return { apiVersion: 'faultline.dev/v1', kind: 'LimitReport', node, capturedAt: time, ...report };
}

/** Limits without which nothing can be said about a node that cannot fork; the use of others is seldom in a snapshot. */
const needed: readonly LimitId[] = ['cgroup-pids', 'kernel.pid_max', 'kernel.threads-max'];

/** 1 where a limit binds now; 3 where none does and one of those that refuse forks could not be judged. */
function statusOf(report: LimitReport): ExitStatus {
  if (report.binding !== null) return exitStatus.findings;
  const judged = needed.every((id) => report.limits.some((row) => row.id === id) || !report.undecided.some((open) => open.limit === id));
  return judged ? exitStatus.clean : exitStatus.undecided;
}

import { findEvents } from '#engines/signatures/index.ts';
import type { LogEvent } from '#facts/log.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { formatIsoTime } from '#formats/parse-time.ts';
import { timelineText } from '#reports/timeline-text.ts';
import { type ExitStatus, exitStatus, type Io, type RegisterCommand, UserError } from '../command.ts';
import { openSource } from '../source.ts';

interface Options {
  readonly output: string;
  readonly component?: string;
}

export const register: RegisterCommand = (command, run) => {
  command
    .argument('[source]', 'a snapshot or a folder of dumps; left out: this node')
    .option('-o, --output <format>', 'text or json', 'text')
    .option('--component <names>', 'only these logs, separated by commas, for example calico-node,kubelet')
    .action((source: string | undefined, options: Options) =>
      run((io) => {
        if (options.output !== 'text' && options.output !== 'json')
          throw new UserError(`--output: found '${options.output}', expected text or json`);
        return timeline(openSource(source), options, io);
      }),
    );
};

/** 0, or 3 where there is no log to look at. */
function timeline(snapshot: Snapshot, { output, component }: Options, io: Io): ExitStatus {
  const logs = snapshot.logs.filter((log) => component === undefined || component.split(',').includes(log.component));
  const events = findEvents(logs);
  io.out(
    output === 'json'
      ? `${JSON.stringify(timelineDocument(snapshot.node, events), null, 2)}\n`
      : timelineText(events, { palette: io.palette, width: io.fullWidth }),
  );
  for (const { source, cutBecause } of logs) if (cutBecause !== null) io.err(`faultline: ${source}: only a part was read: ${cutBecause}\n`);
  if (logs.length > 0) return exitStatus.clean;
  const there = [...new Set(snapshot.logs.map((log) => log.component))].join(', ');
  io.err(`faultline: no log${component === undefined ? ' in this snapshot' : ` of ${component}; there are: ${there || 'none'}`}\n`);
  return exitStatus.undecided;
}

function timelineDocument(node: string, events: readonly LogEvent[]): object {
  const dated = events.map((event) => ({ ...event, time: event.time === null ? null : formatIsoTime(event.time) }));
  return { apiVersion: 'faultline.dev/v1', kind: 'Timeline', node, events: dated };
}

import type { Action, Diagnosis, Finding } from '#facts/diagnosis.ts';
import type { Evidence } from '#facts/evidence.ts';
import { printable } from '#facts/printable.ts';
import { evidenceLine } from './evidence-lines.ts';
import type { Palette } from './palette.ts';
import { onceNamed } from './rule-text.ts';
import { hanging } from './wrap.ts';

export interface TextOptions {
  readonly palette: Palette;
  /** Columns. */
  readonly width: number;
  /** All evidence, all commands. */
  readonly wide: boolean;
  /** The command that shows all of it. */
  readonly hint: string;
}

/** What a person calls what was ruled out. */
const suspects: Readonly<Record<string, string>> = {
  'mtu-mismatch': 'MTU',
  'pod-route-missing': 'routes',
  'endpoint-without-veth': 'missing veths',
  'pod-interface-down': 'interfaces down',
  'pod-neighbour-failed': 'neighbours',
  'reverse-path-filter-strict': 'rp_filter',
  'ip-forward-off': 'ip_forward',
  'proxy-arp-off': 'proxy ARP',
  'endpoint-without-rules': 'pods without rules',
  'file-max-reached': 'fs.file-max',
  'conntrack-full': 'conntrack',
};

/** Where the text of a finding begins: ` o 02:13:02  `, then its title. */
const timeColumn = 13;
const textColumn = timeColumn + 27;

/** A diagnosis for a person at a terminal. Everything that comes from the node is made fit to print. */
export function diagnosisText(diagnosis: Diagnosis, options: TextOptions): string {
  const { chain, findings } = diagnosis;
  const parts = [
    heading(diagnosis, options),
    chain.length === 0
      ? ''
      : ` why, first cause first\n${chain.map((each, i) => finding(each, i === chain.length - 1 ? 'x' : 'o', options)).join('\n')}`,
    findings.length === 0
      ? ''
      : ` ${chain.length === 0 ? 'found' : 'also found, not part of it'}\n${findings.map((each) => finding(each, '-', options)).join('\n')}`,
    ahead(diagnosis, options),
    actions(diagnosis.actions, options),
    closing(diagnosis, options),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function heading({ node, verdict, summary, versions, capturedAt, notes }: Diagnosis, { palette, width }: TextOptions): string {
  const colour = { broken: palette.bad, degraded: palette.warn, undecided: palette.warn, healthy: palette.good }[verdict];
  const about = [
    ...(versions['calico'] === undefined ? [] : [`Calico ${versions['calico']}`]),
    ...(versions['kubernetes'] === undefined ? [] : [`Kubernetes ${versions['kubernetes']}`]),
    ...(versions['kernel'] === undefined ? [] : [`kernel ${versions['kernel']}`]),
    capturedAt === null ? 'captured at an unknown time' : `captured ${capturedAt}`,
  ].join(' · ');
  const recorded = notes.map((note) => palette.quiet(` note: ${hanging(printable(note), 7, width)}`));
  return [
    `${palette.strong(printable(node))}   ${colour(verdict.toUpperCase())}`,
    ` ${hanging(printable(summary), 1, width)}`,
    palette.quiet(` ${hanging(printable(about), 1, width)}`),
    ...recorded,
  ].join('\n');
}

function finding(each: Finding, mark: string, options: TextOptions): string {
  const { palette, width, wide } = options;
  const time = each.at === null ? ' '.repeat(8) : each.at.slice(11, 19);
  const colour = each.severity === 'critical' || each.severity === 'error' ? palette.bad : palette.warn;
  const doubt = each.confidence === 'proven' ? '' : ` (${each.confidence})`;
  const detail = hanging(`${printable(each.detail)}${doubt}`, textColumn, width);
  const head = ` ${colour(mark)} ${time}  ${palette.strong(each.title.padEnd(25))}  ${detail}`;
  const shown = wide ? each.evidence : each.evidence.slice(0, 1);
  return [head, ...shown.map((line) => evidence(line, options))].join('\n');
}

function evidence({ source, line, text, says }: Evidence, { palette, width, wide }: TextOptions): string {
  if (!wide) return evidenceLine({ source, line, text }, { palette, width, indent: timeColumn });
  const place = `${printable(source)}:${line}`;
  const indent = ' '.repeat(timeColumn);
  return `${indent}${place}  ${palette.quiet(hanging(printable(says), timeColumn, width))}\n${indent}  ${palette.quiet(printable(text))}`;
}

function ahead({ ahead: coming }: Diagnosis, { palette, width }: TextOptions): string {
  if (coming.length === 0) return '';
  const lines = coming.map(({ title, when }) => ` ${palette.warn('>')} ${title.padEnd(25)} ${hanging(`when ${when}`, 29, width)}`);
  return [' what this leads to, not yet seen', ...lines].join('\n');
}

function actions(all: readonly Action[], options: TextOptions): string {
  if (all.length === 0) return '';
  const steps = all.filter(({ alternative }) => alternative !== true).map((action, i) => step(action, String(i + 1), options));
  const others = all.filter(({ alternative }) => alternative === true).map((action) => step(action, '-', options));
  const apart = others.length === 0 ? [] : [' or, instead of that', ...others];
  return [' what to do, in this order; none of it needs a reboot', ...steps, ...apart].join('\n');
}

function step({ title, urgency, commands, undo, risk }: Action, position: string, { palette, width, wide }: TextOptions): string {
  const when = urgency === 'now' ? '' : urgency === 'next' ? ' (when that is done)' : ' (later)';
  const head = ` ${position} ${hanging(`${printable(title)}${when}`, 3, width)}`;
  const run = commands.map((command) => `     ${printable(command)}`);
  if (!wide) return head;
  return [
    head,
    ...run,
    ...undo.map((command) => palette.quiet(`     undo: ${printable(command)}`)),
    palette.quiet(`     risk: ${hanging(printable(risk), 11, width)}`),
  ].join('\n');
}

function closing({ chain, ruledOut, undecided }: Diagnosis, { palette, width, wide, hint: command }: TextOptions): string {
  const excluded = wide
    ? ruledOut.map(({ id, because }) => ` ruled out: ${hanging(`${id}: ${printable(because)}`, 12, width)}`)
    : ruledOut.length === 0
      ? []
      : [` ruled out: ${hanging(ruledOut.map(({ id }) => suspects[id] ?? id.replaceAll('-', ' ')).join(', '), 12, width)}`];
  const shown = wide ? undecided : undecided.slice(0, 3);
  const open = shown.map(
    ({ question, missing }) => ` not decided: ${hanging(printable(`${question} (${onceNamed(missing)})`), 14, width)}`,
  );
  const more = undecided.length > shown.length ? [` not decided: ${undecided.length - shown.length} more`] : [];
  const legend =
    chain.length === 0
      ? []
      : [
          palette.quiet(
            ` ${hanging('o a link of the chain · x what people notice · (supported) the evidence fits and is no proof', 1, width)}`,
          ),
        ];
  const hint = wide ? [] : [palette.quiet(` commands with undo and risk, all evidence:\n     ${printable(command)}`)];
  return [...excluded, ...open, ...more, ...legend, ...hint].join('\n');
}

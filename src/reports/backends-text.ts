import type { BackendReport, Disagreement, InterfaceComparison } from '#facts/backend-report.ts';
import type { Evidence } from '#facts/evidence.ts';
import type { BackendReplay } from '#facts/ownership.ts';
import { shown } from '#formats/shown.ts';
import { columns } from './columns.ts';
import { evidenceLine } from './evidence-lines.ts';
import { figure } from './figure.ts';
import type { Palette } from './palette.ts';
import { reasonText } from './rule-text.ts';
import { hanging } from './wrap.ts';

export interface BackendsTextOptions {
  readonly palette: Palette;
  /** Columns that a line may take. */
  readonly width: number;
}

/** Who programs which backend, where they disagree, and what a component would choose. Text from files is escaped. */
export function backendsText(report: BackendReport, options: BackendsTextOptions): string {
  const { palette, width } = options;
  const parts = [
    ...(report.node === null ? [] : survey(report, options)),
    ...(report.replay === null ? [] : replay(report.replay, options)),
  ];
  const notes = report.notes.map((note) => ` note: ${hanging(shown(note, 400), 7, width)}`);
  const open = report.undecided.map(
    ({ question, missing }) =>
      ` ${palette.warn('not decided:')} ${hanging(`${shown(question, 200)} Missing: ${reasonText(missing)}`, 14, width)}`,
  );
  return `${[...parts, ...notes, ...open].join('\n')}\n`;
}

function survey(report: BackendReport, options: BackendsTextOptions): readonly string[] {
  const { palette } = options;
  const cite = citing(options);
  const known = (owner: string, interfaces: readonly string[]): string => (owner === 'calico' ? figure(interfaces.length) : '');
  const rows = report.owned.map(({ owner, backend, family, rules, chains, interfaces }) => {
    return [` ${owner}`, backend, family, figure(rules), figure(chains.length), known(owner, interfaces)];
  });
  const head = [' owner', 'backend', 'family', 'rules', 'chains', 'workload interfaces'];
  const [titles, ...table] = columns([head, ...rows], [3, 4, 5]);
  return [
    `${palette.strong(shown(report.node ?? '', 100))}   who programs which iptables backend`,
    '',
    ...(rows.length === 0
      ? [report.undecided.length > 0 ? ' no rules could be read' : ' no rules in either backend']
      : [palette.quiet(titles ?? ''), ...table]),
    '',
    ...reading(report, options),
    ...felix(report, cite),
    ...verdict(report, cite, options),
  ];
}

/** Which backend the node's own tool shows, and which rules no tool had to be run for. */
function reading({ iptablesCommand, readFrom }: BackendReport, { width }: BackendsTextOptions): readonly string[] {
  const kernel = readFrom.filter(({ source }) => source.startsWith('netlink/')).map(({ backend, family }) => `${backend} ${family}`);
  const lines = [
    ...(iptablesCommand === null ? [] : [` the node's own iptables shows ${iptablesCommand}`]),
    ...(kernel.length === 0
      ? []
      : [` ${hanging(`rules read from the kernel itself, not from a save tool: ${kernel.join(', ')}`, 3, width)}`]),
  ];
  return lines.length === 0 ? [] : [...lines, ''];
}

type Cite = (evidence: Evidence) => string;

/** A line that was cited above is only named again. */
function citing({ palette, width }: BackendsTextOptions): Cite {
  const seen = new Set<string>();
  return (evidence) => {
    const place = `${evidence.source}:${evidence.line}`;
    if (seen.has(place)) return `     ${palette.quiet(`${shown(place, 220)}  (above)`)}`;
    seen.add(place);
    return evidenceLine(evidence, { palette, width, indent: 5 });
  };
}

function felix({ felixUses }: BackendReport, cite: Cite): readonly string[] {
  if (felixUses === null) return [];
  return [` Felix programs ${felixUses.backend}`, ...felixUses.evidence.map(cite), ''];
}

function verdict({ disagreements, interfaces, undecided }: BackendReport, cite: Cite, options: BackendsTextOptions): readonly string[] {
  const { palette, width } = options;
  const lines = (each: Disagreement): readonly string[] => [
    ` ${palette.bad('x')} ${hanging(headline(each, interfaces), 3, width)}`,
    ...each.evidence.map(cite),
  ];
  if (disagreements.length > 0) return [...disagreements.flatMap(lines), ''];
  return undecided.length > 0 ? [] : [` ${palette.good('the backends do not disagree')}`, ''];
}

function headline(each: Disagreement, interfaces: readonly InterfaceComparison[]): string {
  switch (each.kind) {
    case 'stale-calico-rules':
      return `stale rules: ${figure(each.rules)} Calico rules in ${each.backend} ${each.family}, which Felix does not program`;
    case 'calico-in-both-backends':
      return `Calico rules of ${each.family} in both backends; no log says which of them Felix programs`;
    case 'interfaces-unknown': {
      const of = interfaces.find(({ backend, family }) => backend === each.backend && family === each.family);
      const names = each.interfaces.map((name) => named(name, of)).join(', ');
      return `${each.backend} ${each.family} drops what comes from ${each.interfaces.length} of ${of?.live.length ?? '?'} live interfaces: ${names}`;
    }
    default:
      return each satisfies never;
  }
}

function named(name: string, comparison: InterfaceComparison | undefined): string {
  const pods = comparison?.unknownPods.filter((each) => each.interface === name).map(({ pod }) => shown(pod, 100)) ?? [];
  return pods.length === 0 ? shown(name, 20) : `${shown(name, 20)} (${pods.join(', ')})`;
}

function replay({ component, version, configured, detected, effective, branch, warning }: BackendReplay, options: BackendsTextOptions) {
  const { palette, width } = options;
  const choice = effective === 'undecided' ? palette.warn('choice undecided') : `would choose ${palette.strong(effective)}`;
  const told = configured === 'auto' ? '' : ` (told ${configured}, detects ${detected})`;
  const warned = warning === null ? [] : [`   ${palette.warn('warning:')} ${hanging(shown(warning, 300), 12, width)}`];
  return [` ${component} ${shown(version, 40)} ${choice}${told}`, `   ${hanging(shown(branch, 600), 3, width)}`, ...warned];
}

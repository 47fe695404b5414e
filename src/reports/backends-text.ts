import type { BackendReport, Disagreement, InterfaceComparison } from '#facts/backend-report.ts';
import type { Evidence } from '#facts/evidence.ts';
import type { BackendReplay } from '#facts/ownership.ts';
import { shown } from '#formats/shown.ts';
import { columns } from './columns.ts';

/** Who programs which backend, where they disagree, and what a component would choose. Text from files is escaped. */
export function backendsText(report: BackendReport): string {
  const parts = [...(report.node === null ? [] : survey(report)), ...(report.replay === null ? [] : replay(report.replay))];
  const notes = report.notes.map((note) => ` note: ${shown(note, 400)}`);
  const open = report.undecided.map(({ question, missing }) => ` not decided: ${shown(question, 200)} Missing: ${shown(missing, 400)}`);
  return `${[...parts, ...notes, ...open].join('\n')}\n`;
}

function survey(report: BackendReport): readonly string[] {
  const known = (owner: string, interfaces: readonly string[]): string => (owner === 'calico' ? String(interfaces.length) : '');
  const rows = report.owned.map(({ owner, backend, family, rules, chains, interfaces }) => {
    return [` ${owner}`, backend, family, String(rules), String(chains.length), known(owner, interfaces)];
  });
  const head = [' owner', 'backend', 'family', 'rules', 'chains', 'workload interfaces'];
  const table = rows.length === 0 ? [' no rules in either backend'] : columns([head, ...rows], [3, 4, 5]);
  return [
    `${shown(report.node ?? '', 100)}   who programs which iptables backend`,
    '',
    ...table,
    '',
    ...reading(report),
    ...felix(report),
    ...verdict(report),
  ];
}

/** Which backend the node's own tool shows, and which rules no tool had to be run for. */
function reading({ iptablesCommand, readFrom }: BackendReport): readonly string[] {
  const kernel = readFrom.filter(({ source }) => source.startsWith('netlink/')).map(({ backend, family }) => `${backend} ${family}`);
  const lines = [
    ...(iptablesCommand === null ? [] : [` the node's own iptables shows ${iptablesCommand}`]),
    ...(kernel.length === 0 ? [] : [` rules read from the kernel itself, not from a save tool: ${kernel.join(', ')}`]),
  ];
  return lines.length === 0 ? [] : [...lines, ''];
}

function felix({ felixUses }: BackendReport): readonly string[] {
  if (felixUses === null) return [];
  return [` Felix programs ${felixUses.backend}`, ...felixUses.evidence.map(cited), ''];
}

function verdict({ disagreements, interfaces, undecided }: BackendReport): readonly string[] {
  if (disagreements.length > 0) return [...disagreements.flatMap((each) => disagreement(each, interfaces)), ''];
  return undecided.length > 0 ? [] : [' the backends do not disagree', ''];
}

function disagreement(each: Disagreement, interfaces: readonly InterfaceComparison[]): readonly string[] {
  return [` x ${headline(each, interfaces)}`, ...each.evidence.map(cited)];
}

function headline(each: Disagreement, interfaces: readonly InterfaceComparison[]): string {
  switch (each.kind) {
    case 'stale-calico-rules':
      return `stale rules: ${each.rules} Calico rules in ${each.backend} ${each.family}, which Felix does not program`;
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

function cited({ source, line, text }: Evidence): string {
  return `     ${shown(source, 200)}:${line}  ${shown(text, 300)}`;
}

function replay({ component, version, configured, detected, effective, branch, warning }: BackendReplay): readonly string[] {
  const choice = effective === 'undecided' ? 'choice undecided' : `would choose ${effective}`;
  const told = configured === 'auto' ? '' : ` (told ${configured}, detects ${detected})`;
  const warned = warning === null ? [] : [`   warning: ${shown(warning, 300)}`];
  return [` ${component} ${shown(version, 40)} ${choice}${told}`, `   ${shown(branch, 600)}`, ...warned];
}

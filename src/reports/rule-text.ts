import type { RulePlace, Undecidable } from '#facts/packet-walk.ts';
import { shown } from '#formats/shown.ts';

type Place = Pick<RulePlace, 'backend' | 'table' | 'chain' | 'rule'>;

/** `nft filter FORWARD #1`; a policy has no number. */
export function placeText({ backend, table, chain, rule }: Place): string {
  return shown(`${backend} ${table} ${chain}${rule === null ? '' : ` #${rule}`}`, 120);
}

/** A rule's own words. Calico's hash of it tells a person nothing. */
export function ruleText(text: string, most = 300): string {
  return shown(text.replace(/-m comment --comment "?cali:[\w-]{16}"? ?/, ''), most);
}

/** Why something is not decided, each reason once with the places that it stands for. */
export function undecidedLines(undecided: readonly Undecidable[]): readonly string[] {
  return [...Map.groupBy(undecided, ({ because }) => because)].map(([because, gaps]) => {
    const [first] = gaps;
    const place = first === undefined ? '' : gapPlace(first);
    const others = gaps.length === 1 ? '' : ` and ${gaps.length - 1} more place${gaps.length === 2 ? '' : 's'}`;
    return `${place}${others}: ${reasonText(because)}`;
  });
}

/** `file: file:7: found ...` names its file once. */
export function onceNamed(because: string): string {
  return because.replace(/(?<=^|: )(\S+): (?=\1:)/, '');
}

export function reasonText(because: string): string {
  return shown(onceNamed(because), 400);
}

function gapPlace({ backend, table, chain, rule }: Undecidable): string {
  const parts = [backend ?? 'kernel', table === '*' ? '' : table, chain, rule === null ? '' : `#${rule}`];
  return shown(parts.filter((part) => part !== '').join(' '), 80);
}

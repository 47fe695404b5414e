import type { Verdict } from '#facts/packet-walk.ts';
import type { Reach, ReachClass, ReachPart, ReachRectangle } from '#facts/reach.ts';
import { shown } from '#formats/shown.ts';
import { reachMatrices } from './reach-matrix.ts';
import { setLines } from './reach-sets.ts';

export interface ReachTextOptions {
  readonly node: string;
  /** Every endpoint of a class, not the first few. */
  readonly wide: boolean;
  /** Columns that a line may take. */
  readonly width: number;
}

/** Who reaches whom: first how many, then what is blocked and by which rule, then where one backend alone would end otherwise. */
export function reachText(reach: Reach, options: ReachTextOptions): string {
  const lines = [
    headline(reach, options.node),
    '',
    ...reachMatrices(reach, options.width),
    ...groupsOf(reach, isLost).flatMap((group) => lostLines(group, options)),
    ...aloneLines(reach, options),
    ...groupsOf(reach, ({ verdict }) => verdict === 'undecided').flatMap((group) => openLines(group, options)),
    ...setLines(reach, options),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const number = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

function headline({ pairs, verdicts, parts }: Reach, node: string): string {
  if (pairs === 0) return `${shown(node, 100)}   no pairs: no pods of this node, services or default route in the snapshot`;
  const counts = (['delivered', 'dropped', 'rejected', 'undecided'] as const)
    .filter((verdict) => verdicts[verdict] > 0 || verdict === 'delivered')
    .map((verdict) => `${number(verdicts[verdict])} ${verdict === 'delivered' ? verdict : verdict.toUpperCase()}`);
  const kinds = parts.map(({ family, protocol, pairs: own }) => `${number(own)} ${protocol} over ${family === 'ip' ? 'IPv4' : 'IPv6'}`);
  return `${shown(node, 100)}   ${number(pairs)} pairs: ${counts.join(' · ')}\n ${kinds.join(', ')}`;
}

const isLost = ({ verdict }: ReachClass): boolean => verdict === 'dropped' || verdict === 'rejected';

/** Classes with one cause. */
interface Cause {
  readonly key: string;
  readonly first: ReachClass;
  readonly pairs: number;
  readonly members: readonly { readonly part: ReachPart; readonly each: ReachClass }[];
}

/** By cause, the greatest first. */
function groupsOf({ parts }: Reach, wanted: (each: ReachClass) => boolean): readonly Cause[] {
  const all = parts.flatMap((part) => part.classes.filter(wanted).map((each) => ({ part, each })));
  const causes = [...Map.groupBy(all, ({ each }) => causeOf(each))].map(([key, members]) => ({
    key,
    first: members[0]?.each as ReachClass,
    pairs: members.reduce((sum, { each }) => sum + each.pairs, 0),
    members,
  }));
  return causes.toSorted((a, b) => b.pairs - a.pairs);
}

function causeOf({ verdict, blame, kernel, request, because, undecided }: ReachClass): string {
  const leg = request === 'delivered' ? 'reply' : 'request';
  if (blame !== null) return `${verdict} ${blame.leg} ${placeOf(blame)}`;
  return `${verdict} ${leg} ${kernel ?? ''} ${because ?? ''} ${undecided.map((gap) => gap.because).join()}`;
}

function lostLines({ first, pairs, members }: Cause, options: ReachTextOptions): readonly string[] {
  const { blame, verdict, kernel, request } = first;
  const leg = request === 'delivered' ? 'the reply is ' : '';
  const count = `${number(pairs)} ${pairs === 1 ? 'pair' : 'pairs'}: ${leg}${verdict.toUpperCase()}`;
  const place =
    blame === null
      ? [` x ${count} by the kernel${kernel === null ? '' : `: ${shown(kernel, 200)}`}`]
      : [` x ${count} by ${placeOf(blame)}`];
  const rule =
    blame === null
      ? []
      : [`     ${cut(shown(withoutHash(blame.text), 300), options.width - 5)}`, `     ${shown(blame.source, 100)}:${blame.line}`];
  return [...place, ...rule, ...members.flatMap(({ part, each }) => whoLines(each.rectangles, part, options)), ''];
}

function placeOf({ backend, family, table, chain, rule }: NonNullable<ReachClass['blame']>): string {
  return shown(`${backend} ${family} ${table} ${chain}${rule === null ? '' : ` #${rule}`}`, 120);
}

function aloneLines({ parts }: Reach, options: ReachTextOptions): readonly string[] {
  const all = parts.flatMap((part) => part.alone.map((each) => ({ part, each })));
  const groups = Map.groupBy(all, ({ each }) => `${each.backend} alone: ${inWords(each.now)} now, ${inWords(each.alone)} then`);
  return [...groups].flatMap(([title, members]) => {
    const pairs = members.reduce((sum, { each }) => sum + each.pairs, 0);
    return [
      ` ${title}: ${number(pairs)} ${pairs === 1 ? 'pair' : 'pairs'}`,
      ...members.flatMap(({ part, each }) => whoLines(each.rectangles, part, options)),
      '',
    ];
  });
}

const inWords = (verdict: Verdict): string => verdict;

function openLines({ first, pairs, members }: Cause, options: ReachTextOptions): readonly string[] {
  const { because, undecided, reply } = first;
  const why =
    because === 'outcome-depends'
      ? 'chance, the order of hooks or state outside the snapshot decides'
      : reply === null && because === null
        ? 'nobody is known to reply'
        : 'not modelled';
  return [
    ` ? ${number(pairs)} ${pairs === 1 ? 'pair' : 'pairs'} undecided: ${why}`,
    ...undecided.slice(0, options.wide ? undefined : 3).map((gap) => {
      const place = [gap.backend ?? 'kernel', gap.table, gap.chain, gap.rule === null ? '' : `#${gap.rule}`]
        .filter((part) => part !== '')
        .join(' ');
      return `     ${shown(place, 80)}: ${shown(gap.because, 200)}`;
    }),
    ...members.flatMap(({ part, each }) => whoLines(each.rectangles, part, options)),
    '',
  ];
}

const maxRectangles = 4;

/** `from A, B, 7 more to C (tcp over IPv4)`. */
function whoLines(rectangles: readonly ReachRectangle[], part: ReachPart, { wide, width }: ReachTextOptions): readonly string[] {
  const some = rectangles
    .toSorted((a, b) => b.from.length * b.to.length - a.from.length * a.to.length)
    .slice(0, wide ? undefined : maxRectangles);
  const lines = some.map(({ from, to }) => {
    const most = wide ? Number.POSITIVE_INFINITY : 3;
    const text = `     ${part.protocol} ${part.family === 'ip' ? 'IPv4' : 'IPv6'}: ${names(from, part.sources, most)} -> ${names(to, part.destinations, most)}`;
    return wide ? text : cut(text, Math.max(width, 160));
  });
  const left = rectangles.length - some.length;
  return left === 0 ? lines : [...lines, `     and ${number(left)} more groups of pairs (-o wide)`];
}

function names(indices: readonly number[], all: ReachPart['sources'], most: number): string {
  if (indices.length === all.length && all.length > 3) return `all ${number(all.length)}`;
  const some = indices.slice(0, most).map((i) => shown(all[i]?.name ?? '', 80));
  const left = indices.length - some.length;
  return left === 0 ? some.join(', ') : `${some.join(', ')} and ${number(left)} more`;
}

/** Calico's hash of a rule tells a person nothing. */
function withoutHash(text: string): string {
  return text.replace(/-m comment --comment "?cali:[\w-]{16}"? ?/, '');
}

const cut = (line: string, width: number): string => (line.length > width ? `${line.slice(0, width - 3)}...` : line);

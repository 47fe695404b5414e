import type { Reach, ReachClass, ReachPart, ReachRectangle } from '#facts/reach.ts';
import { shown } from '#formats/shown.ts';
import { figure } from './figure.ts';
import type { Palette } from './palette.ts';
import { reachMatrices } from './reach-matrix.ts';
import { setLines } from './reach-sets.ts';
import { placeText, ruleText, undecidedLines } from './rule-text.ts';
import { verdictText } from './verdict-text.ts';
import { hanging } from './wrap.ts';

export interface ReachTextOptions {
  readonly node: string;
  readonly palette: Palette;
  /** Every endpoint of a class, not the first few. */
  readonly wide: boolean;
  /** Columns that a line may take. */
  readonly width: number;
}

/** Who reaches whom: first how many, then what is blocked and by which rule, then where one backend alone would end otherwise. */
export function reachText(reach: Reach, options: ReachTextOptions): string {
  const lines = [
    ...headline(reach, options),
    '',
    ...reachMatrices(reach, options),
    ...groupsOf(reach, isLost).flatMap((group) => lostLines(group, options)),
    ...aloneLines(reach, options),
    ...groupsOf(reach, ({ verdict }) => verdict === 'undecided').flatMap((group) => openLines(group, options)),
    ...setLines(reach, options),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const pairsText = (count: number): string => `${figure(count)} ${count === 1 ? 'pair' : 'pairs'}`;

function headline({ pairs, verdicts, parts }: Reach, { node, palette, width }: ReachTextOptions): readonly string[] {
  const name = palette.strong(shown(node, 100));
  if (pairs === 0) return [`${name}   no pairs: no pods of this node, services or default route in the snapshot`];
  const counts = (['delivered', 'dropped', 'rejected', 'undecided'] as const)
    .filter((verdict) => verdicts[verdict] > 0 || verdict === 'delivered')
    .map((verdict) => `${figure(verdicts[verdict])} ${verdictText(verdict, palette)}`);
  const asked = parts.filter((part) => part.pairs > 0);
  const kinds = asked.map(({ family, protocol, pairs: own }) => `${figure(own)} ${protocol} over ${family === 'ip' ? 'IPv4' : 'IPv6'}`);
  return [`${name}   ${pairsText(pairs)}: ${counts.join(' · ')}`, ` ${hanging(kinds.join(', '), 1, width)}`];
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
  const { palette, width } = options;
  const leg = request === 'delivered' ? 'the reply is ' : '';
  const count = `${palette.bad('x')} ${pairsText(pairs)}: ${leg}${verdictText(verdict, palette)}`;
  const place =
    blame === null
      ? [` ${count} by the kernel${kernel === null ? '' : `: ${hanging(shown(kernel, 200), 5, width)}`}`]
      : [` ${count} by ${placeOf(blame)}`];
  const rule =
    blame === null
      ? []
      : [`     ${hanging(ruleText(blame.text), 7, width)}`, `     ${palette.quiet(`${shown(blame.source, 100)}:${blame.line}`)}`];
  return [...place, ...rule, ...members.flatMap(({ part, each }) => whoLines(each.rectangles, part, options)), ''];
}

/** With the family, which other places need not name. */
function placeOf({ backend, family, table, chain, rule }: NonNullable<ReachClass['blame']>): string {
  return placeText({ backend, table: `${family} ${table}`, chain, rule });
}

function aloneLines({ parts }: Reach, options: ReachTextOptions): readonly string[] {
  const all = parts.flatMap((part) => part.alone.map((each) => ({ part, each })));
  const groups = Map.groupBy(all, ({ each }) => `${each.backend} alone: ${each.now} now, ${each.alone} then`);
  return [...groups].flatMap(([title, members]) => {
    const pairs = members.reduce((sum, { each }) => sum + each.pairs, 0);
    return [` ${title}: ${pairsText(pairs)}`, ...members.flatMap(({ part, each }) => whoLines(each.rectangles, part, options)), ''];
  });
}

function openLines({ first, pairs, members }: Cause, options: ReachTextOptions): readonly string[] {
  const { because, undecided, reply } = first;
  const why =
    because === 'outcome-depends'
      ? 'chance, the order of hooks or state outside the snapshot decides'
      : reply === null && because === null
        ? 'nobody is known to reply'
        : 'not modelled';
  return [
    ` ${options.palette.warn('?')} ${hanging(`${pairsText(pairs)} undecided: ${why}`, 3, options.width)}`,
    ...undecidedLines(undecided)
      .slice(0, options.wide ? undefined : 3)
      .map((line) => `     ${hanging(line, 7, options.width)}`),
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
    const who = `${names(from, part.sources, most)} -> ${names(to, part.destinations, most)}`;
    return `     ${hanging(`${part.protocol} ${part.family === 'ip' ? 'IPv4' : 'IPv6'}: ${who}`, 7, width)}`;
  });
  const left = rectangles.length - some.length;
  return left === 0 ? lines : [...lines, `     and ${figure(left)} more groups of pairs (-o wide)`];
}

function names(indices: readonly number[], all: ReachPart['sources'], most: number): string {
  if (indices.length === all.length && all.length > 3) return `all ${figure(all.length)}`;
  const some = indices.slice(0, most).map((i) => shown(all[i]?.name ?? '', 80));
  const left = indices.length - some.length;
  return left === 0 ? some.join(', ') : `${some.join(', ')} and ${figure(left)} more`;
}

import type { Blame, PacketWalk, WalkLeg } from '#facts/packet-walk.ts';
import { shown } from '#formats/shown.ts';
import { outcomeLines, outcomesInMinimal, outcomesInShort } from './outcome-lines.ts';
import { type Palette, plain } from './palette.ts';
import { pruneSteps } from './prune-steps.ts';
import { reasonText, ruleText, undecidedLines } from './rule-text.ts';
import { columnsOf, isBlamed, type StepColumns, stepLine } from './step-lines.ts';
import { verdictText } from './verdict-text.ts';
import { hanging } from './wrap.ts';

export interface WalkTextOptions {
  /** `10.1.0.5 (host) -> 10.2.0.5:80/tcp (shop/web-1)`: both ends as they were walked. */
  readonly title: string;
  /** `wide`: every step; `text`: those that decide; `minimal`: only the rule that lost it. */
  readonly detail: 'minimal' | 'text' | 'wide';
  readonly palette: Palette;
  /** Columns that a line may take. */
  readonly width: number;
  /** What has to be known beside the verdicts. */
  readonly notes?: readonly string[];
  /** What the walk would be without the rules that lost it: their selector and the verdicts; null where none did. */
  readonly without: { readonly selector: string; readonly walk: PacketWalk } | null;
}

/** The walk as a picture: a line that says what, then the steps that prove it, the one that decides marked with `>`. */
export function packetWalkText(walk: PacketWalk, options: WalkTextOptions): string {
  const { without, detail, width, palette } = options;
  const notes = (options.notes ?? []).map((note) => ` ${palette.warn('note:')} ${hanging(shown(note, 400), 7, width)}`);
  const head = [...headline(walk, options), ...notes];
  if (detail === 'minimal') return [...head, ...blameLine(walk), ''].join('\n');
  const legs = [walk.request, walk.reply].flatMap((leg) => (leg === null ? [] : stepsOf(leg, options)));
  const columns = columnsOf(legs, width);
  return [
    ...head,
    '',
    ...legLines('request', walk, columns, options),
    ...legLines('reply', walk, columns, options),
    ...blamesLines(walk, width),
    ...(without === null
      ? []
      : [` ${hanging(`without these rules (--without ${without.selector}): ${inWords(without.walk, palette)}`, 3, width)}`]),
    ...undecidedLines(walk.undecided).map((line) => ` ${palette.warn('not decided:')} ${hanging(line, 14, width)}`),
    '',
  ].join('\n');
}

/** In one line where it fits, else the ends and the verdicts in lines of their own. */
function headline(walk: PacketWalk, { title, palette, width }: WalkTextOptions): readonly string[] {
  const { request, reply } = walk;
  const assumed = reply?.verdict === 'delivered' && request.out?.interface !== 'local' ? ' if one comes' : '';
  const verdicts = (tints: Palette): readonly string[] => [
    `request ${legText(request, tints)}`,
    reply === null ? 'no reply' : `reply ${legText(reply, tints)}${assumed}`,
  ];
  const name = shown(title, 300);
  const length = verdicts(plain).join(' · ').length;
  const tinted = verdicts(palette);
  if (name.length + 3 + length <= width) return [`${palette.strong(name)}   ${tinted.join(' · ')}`];
  return [palette.strong(hanging(name, 3, width)), ...(length < width ? [` ${tinted.join(' · ')}`] : tinted.map((each) => ` ${each}`))];
}

function legText({ verdict, because, outcomes = [] }: WalkLeg, palette: Palette): string {
  if (because === null) return verdictText(verdict, palette);
  if (because === 'not-modelled') return verdictText(verdict, palette, ' (not modelled)');
  return verdictText(verdict, palette, outcomes.length === 0 ? ' (it depends)' : ` (${outcomesInShort(outcomes)})`);
}

/** What `minimal` adds: by which rule, of which outcome, or why not decided. */
function blameLine({ blame, blames, undecided, request, reply }: PacketWalk): readonly string[] {
  if (blames !== undefined) return blames.map((each, i) => ` ${each.leg} lost at ${i === 0 ? '' : 'or '}${placeText(each)}`);
  if (blame !== null) return [` ${blame.leg} lost at ${placeText(blame)}`];
  const lost = [reply, request].find((leg) => leg?.verdict === 'dropped' || leg?.verdict === 'rejected');
  const last = lost?.steps.at(-1);
  if (last !== undefined) return [` ${lost === reply ? 'reply' : 'request'} lost in the kernel at ${last.hook}: ${shown(last.text, 300)}`];
  const [first] = undecided;
  if (first !== undefined) return [` not decided: ${reasonText(first.because)}`];
  return [request, reply].flatMap((leg, i) =>
    leg?.because === 'outcome-depends' ? outcomesInMinimal(i === 0 ? 'request' : 'reply', leg) : [],
  );
}

function placeText({ backend, family, table, chain, rule, text }: Blame): string {
  return `${shown(`${backend} ${family} ${table} ${chain}${rule === null ? '' : ` #${rule}`}`, 80)}: ${ruleText(text)}`;
}

/** Lost on all ways, and not always at one rule. */
function blamesLines({ blames = [] }: PacketWalk, width: number): readonly string[] {
  return blames.map((each, i) => ` ${hanging(`${i === 0 ? 'lost on every way, by' : '  or by'} ${placeText(each)}`, 3, width)}`);
}

const stepsOf = (leg: WalkLeg, { detail }: WalkTextOptions) =>
  detail === 'wide' ? leg.steps : pruneSteps(leg.steps, leg.verdict !== 'delivered');

function legLines(name: 'request' | 'reply', walk: PacketWalk, columns: StepColumns, options: WalkTextOptions): readonly string[] {
  const leg = walk[name];
  if (leg === null) return [];
  const steps = stepsOf(leg, options);
  const lines = steps.map((step, i) => {
    const hook = step.hook === steps[i - 1]?.hook ? '' : step.hook;
    const margin = ` ${(i === 0 ? name : '').padEnd(8)} ${hook.padEnd(11)}`;
    const decides = walk.blames === undefined && walk.blame?.leg === name && isBlamed(step, walk);
    return stepLine(step, margin, columns, { ...options, wide: options.detail === 'wide', decides });
  });
  return [...lines, ...outLines(name, leg, lines.length === 0), ...outcomeLines(leg, options)];
}

/** Where several outcomes are listed, each says where it goes. */
function outLines(name: string, { out, outcomes }: WalkLeg, alone: boolean): readonly string[] {
  if (out === null || outcomes !== undefined) return alone && outcomes !== undefined ? [` ${name}`] : [];
  const mark = out.mark === 0 ? '' : `   mark 0x${out.mark.toString(16)}`;
  const where = out.interface === 'local' ? 'received by the node' : `leaves by ${shown(out.interface)}`;
  return [` ${(alone ? name : '').padEnd(8)} ${where}: ${out.from} -> ${out.to}${mark}`];
}

function inWords({ request, reply }: PacketWalk, palette: Palette): string {
  if (request.verdict === 'delivered' && reply?.verdict === 'delivered') return palette.good('delivered both ways');
  return `request ${legText(request, palette)} · ${reply === null ? 'no reply' : `reply ${legText(reply, palette)}`}`;
}

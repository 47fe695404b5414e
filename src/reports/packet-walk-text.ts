import type { PacketWalk, WalkLeg, WalkOutcome, WalkStep } from '#facts/packet-walk.ts';
import { shown } from '#formats/shown.ts';
import { pruneSteps } from './prune-steps.ts';

export interface WalkTextOptions {
  /** `10.1.0.5 -> 10.2.0.5:80/tcp`, as the user asked. */
  readonly title: string;
  /** `wide`: every step; `text`: those that decide; `minimal`: only the rule that lost it. */
  readonly detail: 'minimal' | 'text' | 'wide';
  /** Columns that a line may take. */
  readonly width: number;
  /** What the walk would be without the rules that lost it: their selector and the verdicts; null where none did. */
  readonly without: { readonly selector: string; readonly walk: PacketWalk } | null;
}

/** The walk as a picture: a line that says what, then the steps that prove it, the one that decides marked with `>`. */
export function packetWalkText(walk: PacketWalk, options: WalkTextOptions): string {
  const { title, without } = options;
  const request = `request ${verdictText(walk.request)}`;
  const assumed = walk.reply?.verdict === 'delivered' && walk.request.out?.interface !== 'local' ? ' if one comes' : '';
  const reply = walk.reply === null ? 'no reply' : `reply ${verdictText(walk.reply)}${assumed}`;
  const head = `${shown(title, 200)}   ${request} · ${reply}`;
  if (options.detail === 'minimal') return [head, ...blameLine(walk), ''].join('\n');
  return [
    head,
    '',
    ...legLines('request', walk.request, walk, options),
    ...(walk.reply === null ? [] : legLines('reply', walk.reply, walk, options)),
    ...(without === null ? [] : [` without these rules (--without ${without.selector}): ${inWords(without.walk)}`]),
    ...walk.undecided.map(({ backend, table, chain, rule, because }) => {
      const place = [backend ?? 'kernel', table, chain, rule === null ? '' : `#${rule}`].filter((part) => part !== '').join(' ');
      return ` not decided: ${shown(place, 80)}: ${shown(because, 200)}`;
    }),
    '',
  ].join('\n');
}

/** The one line of `minimal`: by which rule, or why not decided. */
function blameLine({ blame, undecided, request, reply }: PacketWalk): readonly string[] {
  if (blame !== null) {
    const { leg, backend, family, table, chain, rule, text } = blame;
    const place = `${backend} ${family} ${table} ${chain}${rule === null ? '' : ` #${rule}`}`;
    return [` ${leg} lost at ${shown(place, 80)}: ${shown(withoutHash(text), 300)}`];
  }
  const lost = [reply, request].find((leg) => leg?.verdict === 'dropped' || leg?.verdict === 'rejected');
  const last = lost?.steps.at(-1);
  if (last !== undefined) return [` ${lost === reply ? 'reply' : 'request'} lost in the kernel at ${last.hook}: ${shown(last.text, 300)}`];
  const [first] = undecided;
  return first === undefined ? [] : [` not decided: ${shown(first.because, 300)}`];
}

function verdictText({ verdict, because }: WalkLeg): string {
  if (verdict === 'delivered') return 'delivered';
  return because === null
    ? verdict.toUpperCase()
    : `${verdict.toUpperCase()} (${because === 'not-modelled' ? 'not modelled' : 'it depends'})`;
}

function legLines(name: 'request' | 'reply', leg: WalkLeg, walk: PacketWalk, { detail, width }: WalkTextOptions): readonly string[] {
  const wide = detail === 'wide';
  const shownSteps = wide ? leg.steps : pruneSteps(leg.steps, leg.verdict !== 'delivered');
  const lines = shownSteps.map((step, i) => {
    const first = i === 0 ? name : '';
    const hook = step.hook === shownSteps[i - 1]?.hook ? '' : step.hook;
    const mark = walk.blame?.leg === name && isBlamed(step, walk) ? '>' : ' ';
    // What decides is never cut.
    return cut(` ${first.padEnd(8)} ${hook.padEnd(11)} ${mark} ${stepText(step)}`, wide || mark === '>' ? 400 : width);
  });
  return [...lines, ...outLines(name, leg, lines.length === 0), ...(leg.outcomes ?? []).map(outcomeText)];
}

function outLines(name: string, { out }: WalkLeg, alone: boolean): readonly string[] {
  if (out === null) return [];
  const mark = out.mark === 0 ? '' : `   mark 0x${out.mark.toString(16)}`;
  const where = out.interface === 'local' ? 'received by the node' : `leaves by ${shown(out.interface)}`;
  return [` ${(alone ? name : '').padEnd(8)} ${where}: ${out.from} -> ${out.to}${mark}`];
}

function outcomeText({ verdict, probability, order, out }: WalkOutcome): string {
  const share = probability === null ? 'possible' : `${(probability * 100).toFixed(1)}%`;
  const parts = [verdict, order ?? '', out === null ? '' : `${out.from} -> ${out.to} by ${shown(out.interface)}`];
  return `          ${share.padStart(8)}  ${parts.filter((part) => part !== '').join('  ')}`;
}

function stepText({ backend, table, chain, rule, text, effect }: WalkStep): string {
  if (backend === null) return `kernel  ${shown(text, 200)}`;
  const place = `${shown(chain, 40)}${rule === null ? '' : ` #${rule}`}`;
  return `${backend.padEnd(6)}  ${table.padEnd(8)}${place.padEnd(30)} ${rule === null ? `${shown(text)}` : shown(withoutHash(text), 300)}${effectText(effect, text)}`;
}

/** A target that stands in the rule's own text needs no second word. */
function effectText(effect: string, text: string): string {
  return text.includes('-j ') || text.includes('-g ') || effect === 'policy' ? '' : `   (${effect})`;
}

function isBlamed(step: WalkStep, { blame }: PacketWalk): boolean {
  return (
    blame !== null &&
    step.source === blame.source &&
    step.line === blame.line &&
    step.backend === blame.backend &&
    step.chain === blame.chain &&
    step.rule === blame.rule
  );
}

function inWords({ request, reply }: PacketWalk): string {
  if (request.verdict === 'delivered' && reply?.verdict === 'delivered') return 'delivered both ways';
  return `request ${verdictText(request)} · ${reply === null ? 'no reply' : `reply ${verdictText(reply)}`}`;
}

/** Calico's hash of a rule tells a person nothing. */
function withoutHash(text: string): string {
  return text.replace(/-m comment --comment "?cali:[\w-]{16}"? ?/, '');
}

const cut = (line: string, width: number): string => (line.length > width ? `${line.slice(0, width - 3)}...` : line);

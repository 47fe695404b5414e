import type { WalkLeg, WalkOutcome } from '#facts/packet-walk.ts';
import { shown } from '#formats/shown.ts';
import type { Palette } from './palette.ts';
import { placeText, ruleText } from './rule-text.ts';
import { verdictText } from './verdict-text.ts';
import { hanging } from './wrap.ts';

const indent = 10;
const reasonIndent = indent + 10;

/** Each outcome of a leg with its probability and the rules that lead to it. */
export function outcomeLines(
  { outcomes }: WalkLeg,
  { palette, width }: { readonly palette: Palette; readonly width: number },
): readonly string[] {
  return (outcomes ?? []).flatMap((outcome) => {
    const { verdict, order, out } = outcome;
    const parts = [verdictText(verdict, palette), order ?? '', out === null ? '' : `${out.from} -> ${out.to} by ${shown(out.interface)}`];
    return [
      `${' '.repeat(indent)}${shareText(outcome).padStart(8)}  ${parts.filter((part) => part !== '').join('  ')}`,
      ...reasons(outcome).map((reason) => `${' '.repeat(reasonIndent)}${hanging(reason, reasonIndent + 2, width)}`),
    ];
  });
}

/** `51.0%`, or that nothing is known about how likely it is. */
function shareText({ probability }: WalkOutcome): string {
  return probability === null ? 'possible' : `${(probability * 100).toFixed(1)}%`;
}

/** In a line each: where it was lost, and which way was taken at each rule that has more than one. */
function reasons({ blame, choices = [], ways }: WalkOutcome): readonly string[] {
  const chosen = choices.filter(({ source, line, chain, rule }) => !isPlace(blame, { source, line, chain, rule }));
  return [
    ...(blame === undefined ? [] : [`lost at ${placeText(blame)}: ${ruleText(blame.text)}`]),
    ...chosen.map((each) => `${placeText(each)} ${each.matches ? `matches: ${ruleText(each.text)}` : 'does not match'}`),
    ...(ways === undefined || chosen.length + Number(blame !== undefined) === 0 ? [] : [`(one of ${ways} ways to it)`]),
  ];
}

type Place = Pick<NonNullable<WalkOutcome['blame']>, 'source' | 'line' | 'chain' | 'rule'>;

function isPlace(blame: Place | undefined, { source, line, chain, rule }: Place): boolean {
  return blame !== undefined && blame.source === source && blame.line === line && blame.chain === chain && blame.rule === rule;
}

/** For a headline: `51.0% dropped, 49.0% delivered`, or only which verdicts there are. */
export function outcomesInShort(outcomes: readonly WalkOutcome[]): string {
  const byVerdict = [...Map.groupBy(outcomes, ({ verdict }) => verdict)];
  if (outcomes.some(({ order }) => order !== null)) return 'the order of hooks decides';
  if (outcomes.some(({ probability }) => probability === null)) return byVerdict.map(([verdict]) => verdict).join(' or ');
  const shares = byVerdict.map(([verdict, all]) => `${shareText({ ...all[0], probability: sumOf(all) } as WalkOutcome)} ${verdict}`);
  return shares.join(', ');
}

function sumOf(outcomes: readonly WalkOutcome[]): number {
  return outcomes.reduce((sum, { probability }) => sum + (probability ?? 0), 0);
}

/** The lines of `minimal`. */
export function outcomesInMinimal(name: string, { outcomes }: WalkLeg): readonly string[] {
  return (outcomes ?? []).map((outcome) => {
    const [reason] = reasons(outcome);
    return ` ${name} ${shareText(outcome)} ${outcome.verdict}${outcome.order === null ? '' : ` (${outcome.order})`}${reason === undefined ? '' : `: ${reason}`}`;
  });
}

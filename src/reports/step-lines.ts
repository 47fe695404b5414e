import type { PacketWalk, WalkStep } from '#facts/packet-walk.ts';
import { shown } from '#formats/shown.ts';
import type { Palette } from './palette.ts';
import { ruleText } from './rule-text.ts';
import { cut, hanging } from './wrap.ts';

export interface StepOptions {
  readonly palette: Palette;
  /** Columns that a line may take. */
  readonly width: number;
  /** Nothing is cut. */
  readonly wide: boolean;
}

/** What stands before a rule's place: the leg, the hook, the mark of what decides. */
const marginWidth = 24;
/** Where less room than this is left beside the places, a rule's words stand below its place. */
const leastRoom = 40;

/** Widths of the columns that a walk's steps need together, and whether words fit beside them. */
export interface StepColumns {
  readonly table: number;
  readonly place: number;
  readonly isStacked: boolean;
}

export function columnsOf(steps: readonly WalkStep[], width: number): StepColumns {
  const rules = steps.filter(({ backend }) => backend !== null);
  const table = Math.max(0, ...rules.map((step) => tableOf(step).length));
  const place = Math.max(0, ...rules.map((step) => placeOf(step).length));
  const room = width - roomBefore({ table, place });
  return { table, place, isStacked: room < leastRoom && rules.some((step) => wordsOf(step).length > room) };
}

/** One step; what decides is marked with `>` and is never cut. */
export function stepLine(
  step: WalkStep,
  margin: string,
  columns: StepColumns,
  options: StepOptions & { readonly decides: boolean },
): string {
  const { palette, width, wide, decides } = options;
  const head = `${margin} ${decides ? palette.bad('>') : ' '} `;
  const words = wordsOf(step);
  const fitted = (indent: number): string => (wide || decides ? hanging(words, indent, width) : cut(words, Math.max(20, width - indent)));
  const tinted = decides ? palette.bad : (text: string) => text;
  if (step.backend === null) return `${head}kernel  ${fitted(marginWidth + 8)}`;
  const place = `${step.backend.padEnd(6)}  ${tableOf(step).padEnd(columns.table)}  ${placeOf(step)}`;
  if (columns.isStacked && step.rule !== null)
    return `${head}${tinted(place)}\n${' '.repeat(marginWidth + 2)}${tinted(fitted(marginWidth + 2))}`;
  const before = columns.isStacked ? marginWidth + place.length + 2 : roomBefore(columns);
  return `${head}${tinted(`${place.padEnd(before - marginWidth)}${fitted(before)}`)}`;
}

export function isBlamed(step: WalkStep, { blame }: PacketWalk): boolean {
  return (
    blame !== null &&
    step.source === blame.source &&
    step.line === blame.line &&
    step.backend === blame.backend &&
    step.chain === blame.chain &&
    step.rule === blame.rule
  );
}

function roomBefore({ table, place }: Pick<StepColumns, 'table' | 'place'>): number {
  return marginWidth + 8 + table + 2 + place + 2;
}

const tableOf = ({ table }: WalkStep): string => shown(table, 20);
const placeOf = ({ chain, rule }: WalkStep): string => `${shown(chain, 40)}${rule === null ? '' : ` #${rule}`}`;

function wordsOf({ backend, rule, text, effect }: WalkStep): string {
  if (backend === null || rule === null) return shown(text, 200);
  return `${ruleText(text)}${effectText(effect, text)}`;
}

/** What stands in the rule's own words needs no second word. */
function effectText(effect: string, text: string): string {
  return / -[jg] |^-[jg] /.test(text) || text.split(' ').includes(effect) ? '' : `   (${effect})`;
}

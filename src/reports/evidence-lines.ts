import type { Evidence } from '#facts/evidence.ts';
import { shown } from '#formats/shown.ts';
import { excerpt } from './excerpt.ts';
import type { Palette } from './palette.ts';
import { cut } from './wrap.ts';

export interface EvidenceOptions {
  readonly palette: Palette;
  /** Columns that a line may take. */
  readonly width: number;
  readonly indent: number;
}

/** Beside its place a line needs this much room, or it stands below. */
const leastRoom = 30;

/** A cited line: its place, which is never cut so that it can be copied, and what fits of its words. */
export function evidenceLine({ source, line, text }: Pick<Evidence, 'source' | 'line' | 'text'>, options: EvidenceOptions): string {
  const { palette, width, indent } = options;
  const place = `${shown(source, 200)}:${line}`;
  const words = shown(excerpt(text), 400);
  const room = width - indent - place.length - 2;
  const margin = ' '.repeat(indent);
  if (words.length <= Math.max(room, 10) || room >= leastRoom)
    return `${margin}${palette.quiet(`${place}  ${cut(words, Math.max(room, 10))}`)}`;
  return `${margin}${palette.quiet(place)}\n${margin}  ${palette.quiet(cut(words, Math.max(20, width - indent - 2)))}`;
}

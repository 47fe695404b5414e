import type { Figures } from '#facts/diagnosis.ts';
import { code, prose } from '../markdown.ts';

/** Reads the figures of one finding or action as Markdown; everything that comes from the node is escaped. */
export interface Reader {
  readonly has: (name: string) => boolean;
  /** The value as it is, for a choice between sentences. */
  readonly is: (name: string, value: string | number) => boolean;
  /** `1,741`, as code where it is text. */
  readonly figure: (name: string) => string;
  /** A list that came as one text, each of its members as code. */
  readonly list: (name: string, separator: string) => string;
  /** A sentence of an engine. */
  readonly phrase: (name: string) => string;
  /** `calico-node.restarts`, `kubelet.restarts`: the names before the ending, with their figures. */
  readonly ending: (ending: string) => readonly (readonly [name: string, figure: string])[];
}

export type Sentence = (read: Reader) => string;

/** The sentence with its figures; null where a figure that it needs is not there. */
export function sentenceWith(sentence: Sentence, figures: Figures, phrase: (english: string) => string): string | null {
  let complete = true;
  const value = (name: string): string | number => {
    const found = figures[name];
    if (found === undefined) complete = false;
    return found ?? '';
  };
  const said = sentence({
    has: (name) => figures[name] !== undefined,
    is: (name, expected) => figures[name] === expected,
    figure: (name) => formatted(value(name)),
    list: (name, separator) => String(value(name)).split(', ').map(code).join(separator),
    phrase: (name) => phrase(String(value(name))),
    ending: (ending) =>
      Object.entries(figures).flatMap(([name, each]) =>
        name.endsWith(ending) ? [[prose(name.slice(0, -ending.length)), formatted(each)] as const] : [],
      ),
  });
  return complete ? said : null;
}

function formatted(value: string | number): string {
  return typeof value === 'string' ? code(value) : String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

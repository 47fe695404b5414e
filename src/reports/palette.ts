/** Colours by meaning. Each function may only add escape sequences around its text. */
export interface Palette {
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly good: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

const same = (text: string): string => text;
export const plain: Palette = { bad: same, warn: same, good: same, quiet: same, strong: same };

const sgr =
  (code: number, end: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[${end}m`;

/** Select Graphic Rendition of ECMA-48: red, yellow, green, faint, bold. */
export const coloured: Palette = { bad: sgr(31, 39), warn: sgr(33, 39), good: sgr(32, 39), quiet: sgr(2, 22), strong: sgr(1, 22) };

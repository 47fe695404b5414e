export { decodeXtMatch, decodeXtTarget, type XtBlob, type XtMatch, type XtTarget } from './decode.ts';
export type { SetNames } from './module.ts';

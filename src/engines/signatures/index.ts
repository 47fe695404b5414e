export { signatures } from './catalogue.ts';
export { findEvents } from './find-events.ts';
export { keptAtEachEnd } from './keep-bounded.ts';
export type { Signature } from './signature.ts';

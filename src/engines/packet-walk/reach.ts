export { firstBits } from './reach/bits.ts';
export { type Endpoint, host, outside } from './reach/endpoints.ts';
export { Knowledge } from './reach/knowledge.ts';
export { type PairFates, pairFates } from './reach/pair-fates.ts';
export { type Destination, type PairQuestion, probeOf, type Source } from './reach/question.ts';
export { type ReachWish, reachOf } from './reach/survey.ts';
export { withoutBackend } from './reach/without-backend.ts';

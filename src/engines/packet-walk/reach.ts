export { firstBits } from './reach/bits.ts';
export { type Endpoint, host, outside } from './reach/endpoints.ts';
export { type PairFates, pairFates } from './reach/pair-fates.ts';
export { type Destination, type PairQuestion, probeOf, type Source } from './reach/question.ts';
export { type ReachWish, reachOf } from './reach/survey.ts';

export { type PairFates, pairFates } from './reach/pair-fates.ts';
export { type Destination, type PairQuestion, probeOf, type Source } from './reach/question.ts';

import { felixSignatures } from './felix-signatures.ts';
import { ruleSignatures } from './rule-signatures.ts';
import type { Signature } from './signature.ts';
import { taskSignatures } from './task-signatures.ts';

/** Every log line that Faultline knows. A line is one event, of the first signature here that matches: who failed comes before why. */
export const signatures: readonly Signature[] = [...felixSignatures, ...ruleSignatures, ...taskSignatures];

import { connections } from './mutants/connections.ts';
import { decisions } from './mutants/decisions.ts';
import { hooksAndChains } from './mutants/hooks-and-chains.ts';
import { matches } from './mutants/matches.ts';
import type { Mutant } from './mutants/mutant.ts';
import { nfTables } from './mutants/nf-tables.ts';
import { routing } from './mutants/routing.ts';

/** Each must make the judge fail: `npm run judge -- --mutants`. */
export const mutants: readonly Mutant[] = [...hooksAndChains, ...routing, ...connections, ...matches, ...nfTables, ...decisions];

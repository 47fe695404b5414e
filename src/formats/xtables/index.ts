export { asIptablesSave } from './as-iptables-save.ts';
export { decodeXtMatch, decodeXtTarget, type XtBlob, type XtMatch, type XtTarget } from './decode.ts';
export { type LegacySource, readLegacyTables } from './legacy-tables.ts';
export type { SetNames } from './module.ts';
export { readSetNames } from './set-names.ts';

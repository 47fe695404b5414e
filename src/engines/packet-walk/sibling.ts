import type { Connection, End } from './packet.ts';
import type { Weight } from './weights.ts';

/** What tells a sibling apart: where nat sends its packet, and how likely that is. */
export interface Sibling {
  readonly destination: End;
  readonly weights: readonly Weight[];
}

export function withDestination(connection: Connection, destination: End): Connection {
  return { ...connection, translated: { ...connection.translated, destination } };
}

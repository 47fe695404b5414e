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

export function boundTo({ original, translated, sourceBound, mark, zone }: Connection, destination: End): Connection {
  return { original, translated: { source: translated.source, destination }, destinationBound: true, sourceBound, mark, zone };
}

/** Why a part of a listing has no certain meaning. Caught where the statement is compiled: it becomes `unmodelled` with this message. */
export class NotCompiled extends Error {}

export function notCompiled(because: string): never {
  throw new NotCompiled(because);
}

import koffi from 'koffi';

/** The C library of this process. Calls block the JavaScript thread: keep them short. */
export const libc: ReturnType<typeof koffi.load> = koffi.load('libc.so.6');

/** `what: NAME` of the last failed C call, as an Error. */
export function lastError(what: string): Error {
  const number = koffi.errno();
  const name = Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0];
  return new Error(`${what}: ${name ?? `errno ${number}`}`);
}

/** The result of a C call that answers a negative number when it fails. Throws then. */
export function checked(result: number, what: string): number {
  if (result < 0) throw lastError(what);
  return result;
}

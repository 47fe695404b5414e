import koffi from 'koffi';

const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));

/** `EPERM` for 1; `errno N` for what has no name here. */
export function errnoName(number: number): string {
  return names.get(number) ?? `errno ${number}`;
}

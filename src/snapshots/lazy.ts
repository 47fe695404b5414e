import { missing, type Reading } from '#facts/result.ts';

/** Computes a value when it is first asked for, once. */
export function lazy<T>(compute: () => T): () => T {
  let found: { readonly value: T } | null = null;
  return () => {
    found ??= { value: compute() };
    return found.value;
  };
}

/** The same for what may be missing: a read that fails on the way (EIO, a file that vanished) is the reason why. */
export function lazyReading<T>(source: string, compute: () => Reading<T>): () => Reading<T> {
  return lazy(() => {
    try {
      return compute();
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (code === undefined || syscall === undefined) throw error;
      return missing(source, `it could not be read: ${code}`);
    }
  });
}

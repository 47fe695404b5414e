import { createHash } from 'node:crypto';
import type { CaptureSink } from './index.ts';

interface FileEntry {
  readonly origin: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly standIn?: string;
  readonly cut?: string;
}

export interface MissingEntry {
  readonly path: string;
  readonly because: string;
}

/** Writes files to the sink and remembers, for snapshot.json, where each came from and what is missing. */
export class Recorder {
  readonly files: Record<string, FileEntry> = {};
  readonly missing: MissingEntry[] = [];
  /** What is not there because the kernel shows that there is nothing. */
  readonly proven: MissingEntry[] = [];
  readonly #sink: CaptureSink;
  readonly #standIn: (path: string) => string | undefined;

  constructor(sink: CaptureSink, standIn: (path: string) => string | undefined) {
    this.#sink = sink;
    this.#standIn = standIn;
  }

  write(path: string, content: Uint8Array | string, origin: string, cut?: string): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.#sink.write(path, bytes);
    const standIn = this.#standIn(path);
    this.files[path] = {
      origin,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      ...(standIn !== undefined && { standIn }),
      ...(cut !== undefined && { cut }),
    };
  }

  lacks(path: string, because: string): void {
    this.missing.push({ path, because });
  }

  proves(path: string, because: string): void {
    this.proven.push({ path, because });
  }
}

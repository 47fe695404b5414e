/** Takes what a capture reads. Paths are relative to the snapshot's root. */
export interface CaptureSink {
  write(path: string, content: Uint8Array | string): void;
}

export interface CaptureOptions {
  readonly exec: boolean;
  /** Root of the file system to read, `/` for this node. */
  readonly root: string;
}

export function capture(_options: CaptureOptions, _sink: CaptureSink): void {
  throw new Error('not built yet');
}

import type { Frame } from './frame.ts';

/** A message that never ends would grow without bound; past this many characters the rest of it is left out. */
const maxMessage = 64 * 1024;

/** Joins the parts of a split message: one frame, placed and timed by its first part. Streams are joined apart. */
export function* joinPartials(frames: Iterable<Frame>): Generator<Frame, void> {
  const open = new Map<string, Frame>();
  for (const frame of frames) {
    if (frame.part === null) {
      yield frame;
      continue;
    }
    const begun = open.get(frame.part.stream);
    const joined = begun === undefined ? frame : { ...begun, message: (begun.message + frame.message).slice(0, maxMessage) };
    if (frame.part.more) open.set(frame.part.stream, joined);
    else {
      open.delete(frame.part.stream);
      yield joined;
    }
  }
  yield* open.values();
}

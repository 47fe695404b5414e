import type { NoDump } from './netlink.ts';

/** Raw messages of the kernel as one file of a snapshot; or that there are none, with the proof; or why they could not be read. */
export type KernelFile =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'none'; readonly because: string }
  | { readonly kind: 'missing'; readonly because: string };

const maxTries = 5;

/** Reads again what changed while it was read. A file that changes all the time is missing: half of one state and half of the next is neither. */
export function untilConsistent(attempt: () => Uint8Array | NoDump): KernelFile {
  for (let tries = 1; ; tries++) {
    const found = attempt();
    if (found instanceof Uint8Array) return { kind: 'read', bytes: found };
    if (found.reason === 'refused') return { kind: 'missing', because: found.because };
    if (tries === maxTries) return { kind: 'missing', because: `${found.because}, ${maxTries} times` };
  }
}

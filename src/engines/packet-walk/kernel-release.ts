/** Whether a kernel is at least this release; null where the snapshot does not name it. */
export function isSince(kernel: string | null, major: number, minor: number): boolean | null {
  const [, own, ownMinor] = /^(\d+)\.(\d+)/.exec(kernel ?? '') ?? [];
  return own === undefined ? null : Number(own) * 1000 + Number(ownMinor) >= major * 1000 + minor;
}

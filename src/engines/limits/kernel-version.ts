/** Whether `uname -r` names this version or a later one; null where the release is unknown or not understood. */
export function kernelAtLeast(release: string | null, major: number, minor: number): boolean | null {
  const found = /^(\d+)\.(\d+)/.exec(release ?? '');
  if (found === null) return null;
  const [haveMajor, haveMinor] = [Number(found[1]), Number(found[2])];
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

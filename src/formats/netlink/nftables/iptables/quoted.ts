/** A value as iptables-save prints it, with a blank in front: in quotes where it is not made of letters, digits, `_` and `-` alone. */
export function quoted(text: string): string {
  return /^[\w-]+$/.test(text) ? ` ${text}` : ` "${text.replaceAll(/["'\\]/g, (char) => `\\${char}`)}"`;
}

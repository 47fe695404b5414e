/**
 * For each `metadata` object of a Kubernetes JSON text, in order of appearance, the 1-based line on which its `"name"` stands. Objects of a List
 * are in the same order, one metadata each at depth `depth` of braces and brackets (a List's items are at depth 3).
 */
export function lineOfEachName(text: string, depth: number): readonly { readonly line: number; readonly text: string }[] {
  const found: { line: number; text: string }[] = [];
  const lines = text.split('\n');
  let level = 0;
  let inMetadata = -1;
  for (const [index, line] of lines.entries()) {
    if (inMetadata < 0 && level === depth && /^\s*"metadata": \{/.test(line)) inMetadata = level + 1;
    if (inMetadata === level && /^\s*"name": "/.test(line)) found.push({ line: index + 1, text: line });
    level += balanceOf(line);
    if (inMetadata > level) inMetadata = -1;
  }
  return found;
}

/** Opening less closing braces and brackets outside strings. */
function balanceOf(line: string): number {
  let balance = 0;
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (quoted && char === '\\') i++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === '{' || char === '[')) balance++;
    else if (!quoted && (char === '}' || char === ']')) balance--;
  }
  return balance;
}

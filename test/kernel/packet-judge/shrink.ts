import { type RulesFile, rulesFiles, type Scene } from './scene.ts';

/**
 * Makes a scene smaller while `stillWrong` holds: packets, whole files, then lines in ever smaller groups. At most `budget` trials.
 */
export function shrink(scene: Scene, stillWrong: (candidate: Scene) => boolean, budget: number): Scene {
  let left = budget;
  const accept = (candidate: Scene): boolean => left-- > 0 && stillWrong(candidate);
  let smaller = fewerPackets(scene, accept);
  for (let before = ''; before !== JSON.stringify(smaller) && left > 0; ) {
    before = JSON.stringify(smaller);
    smaller = withoutParts(smaller, accept);
    smaller = fewerLines(smaller, accept);
  }
  return smaller;
}

type Accept = (candidate: Scene) => boolean;

function fewerPackets(scene: Scene, accept: Accept): Scene {
  const packets = fewer(scene.packets, (kept) => accept({ ...scene, packets: kept }));
  return { ...scene, packets };
}

function withoutParts(scene: Scene, accept: Accept): Scene {
  let smaller = scene;
  const attempt = (candidate: Scene): void => {
    if (accept(candidate)) smaller = candidate;
  };
  for (const file of rulesFiles) {
    const { [file]: gone, ...rules } = smaller.rules;
    if (gone !== undefined) attempt({ ...smaller, rules });
  }
  const { native, ...withoutNative } = smaller;
  if (native !== undefined) attempt(withoutNative);
  const { ethernet, ...withoutEthernet } = smaller;
  if (ethernet !== undefined) attempt(withoutEthernet);
  return smaller;
}

function fewerLines(scene: Scene, accept: Accept): Scene {
  let smaller: Scene = { ...scene, setup: fewer(scene.setup, (setup) => accept({ ...scene, setup })) };
  for (const file of rulesFiles) {
    const text = smaller.rules[file];
    if (text !== undefined) smaller = fewerRules(smaller, file, accept);
  }
  if (smaller.native === undefined) return smaller;
  const before = smaller;
  const native = fewerOf(smaller.native.split('\n'), isNativeRule, (lines) => accept({ ...before, native: lines.join('\n') }));
  return { ...smaller, native: native.join('\n') };
}

const isNativeRule = (line: string): boolean => line.trim() !== '' && !/[{}]\s*$/.test(line) && !/^\s*(type|elements|flags)\b/.test(line);

function fewerRules(scene: Scene, file: RulesFile, accept: Accept): Scene {
  const put = (text: string): Scene => ({ ...scene, rules: { ...scene.rules, [file]: text } });
  const tables = (scene.rules[file] as string).split(/(?<=COMMIT\n)/);
  const kept = fewer(tables, (some) => accept(put(some.join(''))));
  const lines = kept.join('').split('\n');
  const isRule = (line: string): boolean => line.startsWith('-A') || / - \[/.test(line);
  return put(fewerOf(lines, isRule, (some) => accept(put(some.join('\n')))).join('\n'));
}

/** Leaves out only lines that `may` go. */
function fewerOf(
  lines: readonly string[],
  may: (line: string) => boolean,
  accept: (lines: readonly string[]) => boolean,
): readonly string[] {
  const numbered = lines.map((line, i) => ({ line, i }));
  const removable = numbered.filter(({ line }) => may(line));
  const rebuilt = (kept: readonly { readonly i: number }[]): readonly string[] => {
    const stay = new Set(kept.map(({ i }) => i));
    return numbered.filter(({ line, i }) => !may(line) || stay.has(i)).map(({ line }) => line);
  };
  return rebuilt(fewer(removable, (kept) => accept(rebuilt(kept))));
}

/** Delta debugging, in groups of half the list down to one. */
function fewer<T>(list: readonly T[], accept: (kept: readonly T[]) => boolean): readonly T[] {
  let kept = list;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const without = kept.filter((_, i) => i < at || i >= at + size);
      if (accept(without)) kept = without;
      else at += size;
    }
  }
  return kept;
}

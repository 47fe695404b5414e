import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

/** The hook that makes Node read the copies; a module for Node as it is, so that it needs none itself. */
export const hook = 'hook.mjs';

/** Copies of the repository's modules without types, at their own paths below `into`. */
export function stripTypes(repository: string, into: string): void {
  for (const path of globSync('{src,test}/**/*.ts', { cwd: repository })) {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    writeFileSync(join(into, path), stripped(join(repository, path)));
  }
  writeFileSync(join(into, hook), stripped(join(repository, 'test/vm/stripped-modules.ts')));
}

const stripped = (path: string): string => stripTypeScriptTypes(readFileSync(path, 'utf8'));

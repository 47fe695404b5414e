/** Writes the documents that come from data: docs/failure-modes.md, docs/cli.md and docs/sources.md. `--check` only compares, for CI. */
import { readFileSync, writeFileSync } from 'node:fs';
import { commandLineDocument } from '#cli/document.ts';
import { catalogue } from '#engines/diagnosis/catalogue.ts';
import { failureModesDocument } from '#reports/failure-modes-document.ts';
import { sourcesDocument } from '#snapshots/sources-document.ts';

const check = process.argv.includes('--check');
const documents: Readonly<Record<string, string>> = {
  'docs/failure-modes.md': failureModesDocument(catalogue),
  'docs/cli.md': await commandLineDocument(),
  'docs/sources.md': sourcesDocument(),
};

for (const [name, text] of Object.entries(documents)) {
  const path = new URL(`../${name}`, import.meta.url);
  if (!check) {
    writeFileSync(path, text);
    continue;
  }
  let found = '';
  try {
    found = readFileSync(path, 'utf8');
  } catch {}
  if (found === text) continue;
  process.stdout.write(`${name} differs from what the code says: npm run docs\n`);
  process.exitCode = 1;
}

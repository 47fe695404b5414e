/**
 * Node's own stripping of types is WebAssembly, which `--jitless` has not. So the host strips (strip-types.ts), and this hook, loaded by the
 * machine's Node before all else, takes each module's text from there.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const stripped = '/vm/stripped';
const repository = process.cwd();

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith(`file://${repository}/`) || !url.endsWith('.ts')) return nextLoad(url, context);
    const source = readFileSync(stripped + new URL(url).pathname.slice(repository.length), 'utf8');
    return { format: 'module', source, shortCircuit: true };
  },
});

import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';

// Node keeps compiled code in its temporary folder. A sick node is only looked at, so this is for recordings alone.
if (process.argv.slice(3).some((word) => existsSync(word))) enableCompileCache();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));

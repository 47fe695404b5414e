import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readIpsets } from '#host/linux/read-ipsets.ts';
import { readKernel } from '#host/read-kernel.ts';

/** Reads the namespace that it was started in, into the folder that is its argument. */
const [folder] = process.argv.slice(2) as [string];
const { files, missing, proven } = readKernel();
for (const [path, bytes] of files) {
  mkdirSync(dirname(`${folder}/${path}`), { recursive: true });
  writeFileSync(`${folder}/${path}`, bytes);
}
const old = readIpsets('', 6);
if (old.kind === 'read') writeFileSync(`${folder}/netlink/ipset-protocol-6`, old.bytes);
writeFileSync(`${folder}/reading.json`, JSON.stringify({ missing, proven }));

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ArchiveEntry, cpioArchive } from './cpio.ts';
import type { SecondKernel } from './debian-kernel.ts';
import type { Share } from './machine.ts';

/** What has to be loaded before the first share can be mounted; everything else the kernel loads as it needs it. */
const bootModules = ['virtio_pci', '9pnet_virtio', '9p'];

/** The first root of the machine: busybox, the init, the job, the modules for shares. Programs come from the shares. */
export function initramfs(kernel: SecondKernel, shares: readonly Share[], job: string): Uint8Array {
  const text = (path: string, content: string): ArchiveEntry => ({ kind: 'file', path, content: new TextEncoder().encode(content) });
  const program = (path: string, source: string): ArchiveEntry => ({ kind: 'file', path, content: readFileSync(source), executable: true });
  const entries: readonly ArchiveEntry[] = [
    ...['proc', 'sys', 'dev', 'run', 'tmp', 'root', 'var/tmp', 'vm/results'].map((path) => ({ kind: 'folder' as const, path })),
    program('init', new URL('./init.sh', import.meta.url).pathname),
    program('vm/busybox', kernel.busybox),
    { kind: 'link', path: 'vm/modprobe', target: 'busybox' },
    text('vm/boot-modules', `${bootModules.join('\n')}\n`),
    text('vm/shares', shares.map(({ tag, path }) => `${tag} ${path}\n`).join('')),
    text('vm/job', job),
    ...links(),
    ...modules(kernel),
  ];
  return gzipSync(cpioArchive(entries), { level: 1 });
}

/** A root as of a distribution with a merged /usr, but for lib: that is a folder, because lib/modules is not the host's. */
function links(): readonly ArchiveEntry[] {
  const merged = ['bin', 'sbin', 'lib64'].map((name): ArchiveEntry => ({ kind: 'link', path: name, target: `usr/${name}` }));
  const libraries = readdirSync('/usr/lib').filter((name) => name !== 'modules');
  return [...merged, ...libraries.map((name): ArchiveEntry => ({ kind: 'link', path: `lib/${name}`, target: `../usr/lib/${name}` }))];
}

function modules({ release, modules: root }: SecondKernel): readonly ArchiveEntry[] {
  const base = `lib/modules/${release}`;
  const folder = join(root, base);
  const lines = readFileSync(join(folder, 'modules.dep'), 'utf8').split('\n');
  const wanted = lines.filter((line) => bootModules.some((name) => line.includes(`/${name}.ko`)));
  const files = new Set(wanted.flatMap((line) => line.replace(':', '').split(' ')));
  const index = lines.filter((line) => files.has(line.split(':')[0] as string));
  return [
    { kind: 'file', path: `${base}/modules.dep`, content: new TextEncoder().encode(`${index.join('\n')}\n`) },
    ...[...files].map((file): ArchiveEntry => ({ kind: 'file', path: `${base}/${file}`, content: readFileSync(join(folder, file)) })),
  ];
}

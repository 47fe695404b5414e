import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { unpackKernel } from './unpack-kernel.ts';

/** A kernel of the distribution with the modules that a node's network needs; nothing of it is installed. */
export interface SecondKernel {
  /** As `uname -r` says it. */
  readonly release: string;
  readonly image: string;
  /** Holds lib/modules/RELEASE, with the indexes that modprobe reads. */
  readonly modules: string;
  readonly busybox: string;
}

/** Folders of lib/modules/RELEASE/kernel that we keep: modprobe reads the whole index each time, and emulation makes that slow. */
const moduleFolders = ['net', 'lib', 'crypto', 'arch', 'drivers/virtio', 'drivers/net', 'fs/9p', 'fs/fscache', 'fs/netfs', 'fs/overlayfs'];
/** Drivers of real network cards: a virtual machine has none. */
const cards = ['ethernet', 'wireless', 'usb', 'can', 'hamradio', 'fddi', 'wan', 'arcnet', 'phy', 'ieee802154', 'wwan', 'dsa'];

const run = (command: string, args: readonly string[], cwd = '/'): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000, killSignal: 'SIGKILL' });

/** To be raised when what is kept of the packages changes. */
const layout = '1';

const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'faultline', 'second-kernel', layout);

/** The kernel, from the cache or, the first time, from the distribution's archive (apt checks its signature and hash). */
export function secondKernel(): SecondKernel {
  const release = wantedRelease() ?? cachedReleases().at(-1) ?? releaseOfNewLists();
  if (release === null) throw new Error('the package lists name no linux-image-amd64: this is no Debian');
  const folder = join(cacheFolder(), release);
  if (!existsSync(folder)) fetchKernel(release, folder);
  return { release, image: join(folder, 'kernel'), modules: join(folder, 'modules'), busybox: join(folder, 'busybox') };
}

function cachedReleases(): readonly string[] {
  return existsSync(cacheFolder()) ? readdirSync(cacheFolder()).filter((name) => /^\d/.test(name)) : [];
}

/** The release that the distribution's metapackage stands for now; null where the package lists are not there. */
function wantedRelease(): string | null {
  try {
    return /^Depends: linux-image-(\S+)/m.exec(run('apt-cache', ['show', '--no-all-versions', 'linux-image-amd64']))?.[1] ?? null;
  } catch {
    return null;
  }
}

function releaseOfNewLists(): string | null {
  run('apt-get', ['-qq', 'update']);
  return wantedRelease();
}

/** Works beside the cache and renames at the end: a cached kernel is whole, also with two fetching at once. */
function fetchKernel(release: string, folder: string): void {
  mkdirSync(cacheFolder(), { recursive: true });
  const work = mkdtempSync(join(cacheFolder(), '.fetch-'));
  try {
    unpack(`linux-image-${release}`, work);
    unpack('busybox-static', work);
    const built = join(work, 'built');
    mkdirSync(built);
    const image = readFileSync(join(work, 'boot', `vmlinuz-${release}`));
    writeFileSync(join(built, 'kernel'), unpackKernel(image) ?? image);
    renameSync(join(work, 'bin', 'busybox'), join(built, 'busybox'));
    keepModules(join(work, 'lib', 'modules', release), join(built, 'modules', 'lib', 'modules', release));
    run(join(built, 'busybox'), ['depmod', '-b', join(built, 'modules'), release]);
    if (!existsSync(folder)) renameSync(built, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function unpack(name: string, into: string): void {
  const download = (): string => run('apt-get', ['-qq', 'download', name], into);
  try {
    download();
  } catch {
    // Lists of yesterday can name a version that the archive no longer has.
    run('apt-get', ['-qq', 'update']);
    download();
  }
  const file = readdirSync(into).find((each) => each.startsWith(`${name}_`));
  if (file === undefined) throw new Error(`apt-get download ${name} left no file`);
  run('dpkg-deb', ['-x', file, '.'], into);
}

function keepModules(from: string, to: string): void {
  for (const name of moduleFolders) {
    const source = join(from, 'kernel', name);
    if (!existsSync(source)) continue;
    mkdirSync(dirname(join(to, 'kernel', name)), { recursive: true });
    cpSync(source, join(to, 'kernel', name), { recursive: true, filter: (path) => !cards.some((card) => path.endsWith(`/net/${card}`)) });
  }
  for (const name of ['modules.order', 'modules.builtin']) cpSync(join(from, name), join(to, name));
}

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Root of the pids controller on v1; the tests that need it say so where it is absent. */
export const pidsRoot = '/sys/fs/cgroup/pids';
export const hasPidsV1 = existsSync(`${pidsRoot}/cgroup.procs`) && process.getuid?.() === 0;

const prefix = 'faultline-limits-test-';

/** A tree of pids cgroups of a test's own, with the processes in it. `remove()` ends them by their ids and removes the folders. */
export class PidsTree {
  readonly path: string;
  private readonly onExit = (): void => this.remove();

  constructor() {
    removeLeftovers();
    this.path = join(pidsRoot, `${prefix}${process.pid}`);
    mkdirSync(this.path);
    process.on('exit', this.onExit);
  }

  make(relative: string, max?: number): string {
    const folder = join(this.path, relative);
    mkdirSync(folder, { recursive: true });
    if (max !== undefined) writeFileSync(join(folder, 'pids.max'), String(max));
    return folder;
  }

  /** Runs a shell script within a cgroup and waits until it says `done`; what it printed before is the answer. */
  async run(folder: string, script: string): Promise<string> {
    const child = spawn('sh', ['-c', `echo $$ > '${folder}/cgroup.procs'; ${script}; echo done; exec sleep 60`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    return new Promise((resolve, reject) => {
      child.stdout.on('data', (bytes: Buffer) => {
        out += bytes.toString();
        if (out.includes('done\n')) resolve(out);
      });
      child.on('error', reject);
      child.on('exit', () => resolve(out));
    });
  }

  /** The pids files of the tree, by path below its folder's parent: as a capture of a machine that has only these. */
  files(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const folder of foldersOf(this.path)) {
      for (const name of readdirSync(folder).filter((file) => file.startsWith('pids.'))) {
        found.set(`${folder.slice(pidsRoot.length + 1)}/${name}`, readFileSync(join(folder, name), 'utf8'));
      }
    }
    return found;
  }

  remove(): void {
    process.off('exit', this.onExit);
    if (!existsSync(this.path)) return;
    removeTree(this.path);
  }
}

/** Trees of test runs that were killed: their process is gone. */
function removeLeftovers(): void {
  for (const name of readdirSync(pidsRoot).filter((each) => each.startsWith(prefix))) {
    if (!existsSync(`/proc/${name.slice(prefix.length)}`)) removeTree(join(pidsRoot, name));
  }
}

function removeTree(path: string): void {
  for (const folder of foldersOf(path).toReversed()) {
    for (let tries = 0; tries < 200 && !emptied(folder); tries++) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    rmdirSync(folder);
  }
}

/** Parents before children. */
function foldersOf(folder: string): readonly string[] {
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...below.flatMap((entry) => foldersOf(join(folder, entry.name)))];
}

/** Ends what still runs in a cgroup of the test's own; true once it is empty. */
function emptied(folder: string): boolean {
  const pids = readFileSync(join(folder, 'cgroup.procs'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && line !== '0');
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return pids.length === 0;
}

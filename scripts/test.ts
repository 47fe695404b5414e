/**
 * `npm test`: everything that has to hold before a change lands, in one order, with one count at the end.
 * Kernel tests need root on Linux and a few Debian packages; without them they are left out, and the reason is printed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const root = new URL('..', import.meta.url).pathname;
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

function run(command: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) process.stdout.write(`${command}: ${error.message}\n`);
  return status === 0;
}

function check(title: string, command: string, args: readonly string[]): Count {
  process.stdout.write(`\n== ${title}\n`);
  const passed = run(command, args);
  if (!passed) process.stdout.write(`== ${title}: FAILED\n`);
  return passed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Why kernel tests cannot run here, or null. */
function kernelTestsLeftOut(): string | null {
  if (process.platform !== 'linux') return `they need Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'they need root (namespaces, rules, cgroups)';
  return run('sh', ['scripts/setup.sh', 'second-kernel']) ? null : 'packages are missing, see above';
}

function vitest(projects: readonly string[]): Count {
  process.stdout.write(`\n== tests: ${projects.join(', ')}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  try {
    const report = join(folder, 'report.json');
    const passed = run(bin('vitest'), [
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]);
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
    const skipped = numPendingTests + numTodoTests;
    if (skipped > 0) process.stdout.write(`${skipped} tests are marked as skipped: a skipped test counts as failed\n`);
    const failed = numFailedTests + skipped;
    return { passed: numPassedTests, failed: passed || failed > 0 ? failed : 1 };
  } catch (error) {
    process.stdout.write(`no test report: ${error instanceof Error ? error.message : String(error)}\n`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const leftOut = kernelTestsLeftOut();
const counts: Count[] = [
  check('lint and format', bin('biome'), ['ci', '--error-on-warnings', '.']),
  check('types, and which room may import which', bin('tsc'), ['-b']),
  check('dead code and unused dependencies', bin('knip'), []),
  check('generated documents are up to date', process.execPath, ['scripts/generate-docs.ts', '--check']),
  vitest(['unit', 'journeys', ...(leftOut === null ? ['kernel'] : [])]),
];
if (leftOut !== null) process.stdout.write(`\nKernel tests were skipped: ${leftOut}.\n`);

const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0) + (leftOut !== null && process.env['CI'] === 'true' ? 1 : 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

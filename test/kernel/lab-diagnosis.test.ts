import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Diagnosis } from '../../src/facts/diagnosis.ts';
import type { LabEvent, TruthRow } from '../../src/lab/index.ts';
import { foundingChain } from '../support/founding-chain.ts';

/** Each test makes a fault happen on the real kernel and diagnoses what the lab recorded of it. */
const program = new URL('../../bin/faultline', import.meta.url).pathname;
let records = '';
const labs: ChildProcess[] = [];

beforeEach(() => {
  records = mkdtempSync(join(tmpdir(), 'faultline-diagnosis-'));
});

/** Also after a failure: a lab that is told to end removes itself. */
afterEach(async () => {
  for (const lab of labs.splice(0)) {
    if (lab.exitCode !== null) continue;
    lab.kill('SIGINT');
    await once(lab, 'exit');
  }
  rmSync(records, { recursive: true });
});

function startLab(...args: readonly string[]): ChildProcess {
  const lab = spawn(program, ['lab', 'run', ...args, '--record', records, '-o', 'json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  labs.push(lab);
  return lab;
}

async function* eventsOf(lab: ChildProcess): AsyncGenerator<LabEvent> {
  for await (const line of createInterface({ input: lab.stdout as NonNullable<ChildProcess['stdout']> })) yield JSON.parse(line);
}

/** A whole run, which must end well: its probes. */
async function wholeRun(...args: readonly string[]): Promise<readonly TruthRow[]> {
  const lab = startLab(...args);
  const rows: TruthRow[] = [];
  for await (const event of eventsOf(lab)) if (event.kind === 'truth') rows.push(...event.rows);
  if (lab.exitCode === null) await once(lab, 'exit');
  expect(lab.exitCode).toBe(0);
  return rows;
}

async function untilHeld(lab: ChildProcess): Promise<void> {
  for await (const { kind } of eventsOf(lab)) if (kind === 'held') return;
  throw new Error('the lab ended and was not held');
}

interface Run {
  readonly status: number | null;
  readonly diagnosis: Diagnosis;
}

function run(...args: readonly string[]): Run {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  expect(stderr).toBe('');
  return { status, diagnosis: JSON.parse(stdout) as Diagnosis };
}

const recorded = (name: string): Run => run('diagnose', join(records, name), '-o', 'json');

/** In the namespaces of the lab's node, through the files and commands that a node has. */
function live(lab: ChildProcess): Run {
  const list = spawnSync(program, ['lab', 'list'], { encoding: 'utf8' }).stdout;
  const name = list.match(new RegExp(`^faultline-lab-${lab.pid}-\\d+`, 'm'))?.[0];
  expect(name).toBeDefined();
  return run('lab', 'exec', '--lab', String(name), '--', program, 'diagnose', '-o', 'json');
}

const ids = (findings: readonly { readonly id: string }[]): readonly string[] => findings.map(({ id }) => id);
const links = ({ chain }: Diagnosis) => chain.map(({ id, role, confidence, at, leadsTo }) => ({ id, role, confidence, at, leadsTo }));

/** What of it has happened while the limit still binds: Felix has chosen, and could not write a rule yet. */
const early = ['thread-storm', 'pids-limit-reached', 'component-restarts', 'backend-misdetected', 'stale-rules'];

it('backend-drift: every probe is answered as the walker says, and the recordings tell the incident as far as it had come', async () => {
  const rows = await wholeRun('backend-drift');
  expect(rows.length).toBeGreaterThanOrEqual(100);
  expect(rows.filter(({ kernel, claimed, walker }) => kernel !== claimed || kernel !== walker)).toEqual([]);

  const broken = recorded('backend-drift');
  expect(ids(broken.diagnosis.chain)).toEqual(foundingChain);
  expect(broken.diagnosis).toMatchObject({ verdict: 'broken', ahead: [], undecided: [] });
  expect(broken.status).toBe(1);

  const storm = recorded('backend-drift-storm').diagnosis;
  expect(ids(storm.chain)).toEqual(early);
  expect(ids(storm.ahead)).toEqual(foundingChain.filter((id) => !early.includes(id)));
});

it('backend-drift where the host runs out of process ids: the walker still has a verdict on every probe', async () => {
  const rows = await wholeRun('backend-drift', '--limit', 'pid-max');
  expect(rows.filter(({ kernel, claimed, walker }) => kernel !== claimed || kernel !== walker)).toEqual([]);
  // Inside, no command could be started: the recording says so. The kernel told its rules without one.
  const storm = recorded('backend-drift-storm').diagnosis;
  const missing = storm.undecided.map((each) => each.missing);
  expect(missing).toContainEqual(expect.stringMatching(/: EAGAIN: kubectl could not be started/));
  expect(missing).not.toContainEqual(expect.stringMatching(/^net(filter|link)?\//));
  expect(ids(storm.chain)).toContain('stale-rules');
});

it.each([
  { phase: 'storm', recording: 'backend-drift-storm', expected: early },
  { phase: 'broken', recording: 'backend-drift', expected: foundingChain },
])('backend-drift held in phase $phase: the live node gives the chain of its recording', async ({ phase, recording, expected }) => {
  const lab = startLab('backend-drift', '--hold', phase);
  await untilHeld(lab);
  const now = live(lab);
  const then = recorded(recording);
  expect(links(now.diagnosis)).toEqual(links(then.diagnosis));
  expect(ids(now.diagnosis.chain)).toEqual(expected);
  expect(now.diagnosis.verdict).toBe(then.diagnosis.verdict);
  expect(now.status).toBe(then.status);
});

it("a healthy live node is healthy, whatever the machine's kernel log tells of storms elsewhere", async () => {
  const lab = startLab('healthy', '--hold', 'healthy');
  await untilHeld(lab);
  const { status, diagnosis } = live(lab);
  expect(diagnosis).toMatchObject({ verdict: 'healthy', chain: [], findings: [], undecided: [] });
  expect(status).toBe(0);
});

interface SingleFault {
  readonly scenario: string;
  readonly phase: string;
  readonly verdict: Diagnosis['verdict'];
  readonly status: number;
  readonly chain: readonly string[];
  readonly findings: readonly string[];
}

const singleFaults: readonly SingleFault[] = [
  { scenario: 'healthy', phase: 'healthy', verdict: 'healthy', status: 0, chain: [], findings: [] },
  { scenario: 'thread-storm', phase: 'storm', verdict: 'degraded', status: 1, chain: ['thread-storm', 'pids-limit-reached'], findings: [] },
  // A warning is below the level that `--fail-on` takes by default.
  { scenario: 'stale-rules', phase: 'stale', verdict: 'degraded', status: 0, chain: [], findings: ['stale-rules'] },
  {
    scenario: 'wrong-backend',
    phase: 'wrong',
    verdict: 'degraded',
    status: 1,
    chain: ['backend-misdetected', 'backend-locked-in', 'stale-rules'],
    findings: [],
  },
];

it.each(singleFaults)('$scenario alone gives its own findings and no false link', async ({ scenario, phase, ...expected }) => {
  const rows = await wholeRun(scenario);
  expect(rows.filter(({ kernel, walker }) => kernel !== 'delivered' || walker !== 'delivered')).toEqual([]);
  const { status, diagnosis } = recorded(`${scenario}-${phase}`);
  const { chain, findings, verdict, undecided } = diagnosis;
  expect({ verdict, status, chain: ids(chain), findings: ids(findings), undecided }).toEqual({ ...expected, undecided: [] });
});

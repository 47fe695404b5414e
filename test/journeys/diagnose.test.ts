import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '#facts/diagnosis.ts';
import { foundingChain } from '../support/founding-chain.ts';
import { crash, type NodeStory, nodeFiles, start } from '../support/node-files.ts';

const root = new URL('../../', import.meta.url).pathname;
let folder = '';

function faultline(...args: readonly string[]): { readonly status: number | null; readonly out: string; readonly err: string } {
  const run = spawnSync(join(root, 'bin/faultline'), [...args], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  return { status: run.status, out: run.stdout, err: run.stderr };
}

function write(name: string, story: NodeStory): string {
  const path = join(folder, name);
  for (const [file, bytes] of nodeFiles(story)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), bytes);
  }
  return path;
}

const incident: NodeStory = {
  pods: 6,
  calico: { nft: 4, legacy: 6 },
  felixLog: start('01:00:00', 'nft') + crash + start('02:14:40', 'legacy', { failing: true }),
  tasks: { each: 11_000, limit: 66_000, refused: 240 },
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-diagnose-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function expectCitedLinesExist(path: string, { chain, findings, ruledOut }: Diagnosis): void {
  for (const { source, line, text } of [...chain, ...findings, ...ruledOut].flatMap(({ evidence }) => evidence)) {
    const found = readFileSync(join(path, source), 'utf8').split('\n')[line - 1]?.replace(/\r$/, '');
    expect(found, `${source}:${line}`).toBe(text);
  }
}

describe('faultline diagnose', () => {
  test('the incident: the chain in order, every cited line exists, status 1', () => {
    const path = write('incident', incident);
    const { status, out, err } = faultline('diagnose', path, '-o', 'json');
    expect({ status, err }).toEqual({ status: 1, err: '' });
    const diagnosis = JSON.parse(out) as Diagnosis;
    expect(diagnosis.chain.map(({ id }) => id)).toEqual(foundingChain);
    expect(diagnosis.chain.map(({ role }) => role)).toEqual(['root-cause', ...new Array(6).fill('link'), 'symptom']);
    expectCitedLinesExist(path, diagnosis);
  });

  test('the text fits 100 columns, commands and quoted names excepted', () => {
    const { out } = faultline('diagnose', write('text', incident));
    const prose = out.split('\n').filter((line) => !line.startsWith('     ') || line.startsWith('          '));
    expect(prose.filter((line) => line.length > 100)).toEqual([]);
    expect(out).toContain('BROKEN');
  });

  test.each([
    ['a sound node', {}, [], 0],
    ['a sound node without its cgroups is undecided', { without: ['cgroup'] }, [], 3],
    ['--fail-on never', incident, ['--fail-on', 'never'], 0],
    [
      '--fail-on warning counts stale rules',
      { calico: { nft: 3, legacy: 3 }, felixLog: start('02:00:00', 'legacy'), configured: 'Legacy' },
      ['--fail-on', 'warning'],
      1,
    ],
    [
      'a warning is below the default',
      { calico: { nft: 3, legacy: 3 }, felixLog: start('02:00:00', 'legacy'), configured: 'Legacy' },
      [],
      0,
    ],
  ] as const)('%s', (name, story, args, status) => {
    expect(faultline('diagnose', write(name.replaceAll(' ', '-'), story as NodeStory), ...args).status).toBe(status);
  });

  test.each([
    ['no such folder', ['diagnose', '/nonexistent/folder']],
    ['an unknown output', ['diagnose', '.', '-o', 'xml']],
    ['an unknown threshold', ['diagnose', '.', '--fail-on', 'fatal']],
    ['a folder that is no snapshot', ['diagnose', 'docs']],
    ['an unknown language', ['postmortem', '.', '--lang', 'fr']],
  ])('%s: status 2 and one clear line, no stack trace', (_, args) => {
    const { status, out, err } = faultline(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).not.toMatch(/^\s+at /m);
    expect(err).toMatch(/found|no such/i);
  });

  test('control characters of a log do not reach the terminal', () => {
    const story = { ...incident, felixLog: `${incident.felixLog}fork/exec /\u001b[31mx: resource temporarily unavailable \u202e\n` };
    for (const output of ['text', 'wide', 'markdown']) {
      const { out } = faultline('diagnose', write(`escapes-${output}`, story), '-o', output);
      expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
    }
  });

  test.each(['en', 'zh'])('postmortem in %s names every link of the chain', (language) => {
    const { status, out } = faultline('postmortem', write(`postmortem-${language}`, incident), '--lang', language);
    expect(status).toBe(0);
    expect(out).toContain(language === 'zh' ? '故障现象' : 'Symptoms');
    expect(out).toContain('66,000');
  });

  test('postmortem of the recorded incident: the same places, commands and pods in English and Chinese', () => {
    const [en, zh] = ['en', 'zh'].map((language) => faultline('postmortem', join(root, 'examples/backend-drift'), '--lang', language).out);
    const quoted = (text = ''): readonly string[] => [...text.matchAll(/`[^`\n]+`/g)].map(([span]) => span).sort();
    expect(new Set(quoted(zh))).toEqual(new Set(quoted(en)));
    expect(quoted(zh).length).toBeGreaterThan(40);
    expect(zh).not.toContain('英文原文');
  });
});

const recorded = join(root, 'examples/backend-drift');
describe.runIf(existsSync(recorded))('the recorded incident', () => {
  test('is one chain, and every cited line exists', () => {
    const diagnosis = JSON.parse(faultline('diagnose', recorded, '-o', 'json').out) as Diagnosis;
    expect(diagnosis.chain.map(({ id }) => id)).toEqual(foundingChain);
    expectCitedLinesExist(recorded, diagnosis);
  });
});

const storm = join(root, 'examples/backend-drift-storm');
describe.runIf(existsSync(storm))('the recorded storm', () => {
  test('shows the cause before the packets are lost', () => {
    const diagnosis = JSON.parse(faultline('diagnose', storm, '-o', 'json').out) as Diagnosis;
    expect(diagnosis.chain.map(({ id }) => id).slice(0, 2)).toEqual(['thread-storm', 'pids-limit-reached']);
    expect(diagnosis.ahead.map(({ id }) => id)).toContain('pod-traffic-dropped');
    expectCitedLinesExist(storm, diagnosis);
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Reach } from '#facts/reach.ts';

const root = new URL('../../', import.meta.url).pathname;
const example = join(root, 'examples/backend-drift');

function reach(...args: readonly string[]): { readonly status: number | null; readonly out: string; readonly err: string } {
  const run = spawnSync(join(root, 'bin/faultline'), ['reach', ...args], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  return { status: run.status, out: run.stdout, err: run.stderr };
}

test('the incident: the two pods that cannot be reached are named with the rule that drops, and one backend alone would deliver', () => {
  const { status, out, err } = reach(example);
  expect({ status, err }).toEqual({ status: 1, err: '' });
  expect(out.split('\n')[0]).toMatch(/^node-a {3}4,320 pairs: 3,784 delivered · 536 DROPPED$/);
  expect(out).toContain('DROPPED by nft ip filter cali-to-wl-dispatch-0 #7');
  expect(out).toContain('the reply is DROPPED by nft ip filter cali-from-wl-dispatch-1 #4');
  expect(out).toContain('legacy alone: dropped now, delivered then: 536 pairs');
});

test('as JSON: every lost pair has one of the two pods at an end, and the cited line is the rule', () => {
  const { status, out } = reach(example, '-o', 'json');
  expect(status).toBe(1);
  const document = JSON.parse(out) as Reach & { readonly apiVersion: string; readonly kind: string };
  expect([document.apiVersion, document.kind]).toEqual(['faultline.dev/v1', 'Reach']);
  const unknown = /^shop\/(payment|search)(-|:)/;
  let lost = 0;
  for (const { classes, sources, destinations } of document.parts)
    for (const { verdict, blame, rectangles } of classes) {
      if (verdict === 'delivered') continue;
      expect(verdict).toBe('dropped');
      const line = readFileSync(join(example, blame?.source ?? ''), 'utf8').split('\n')[(blame?.line ?? 0) - 1];
      // A listing in JSON has all of its rules on one line.
      expect(line?.includes(blame?.source.endsWith('.json') ? `"${blame.chain}"` : `-A ${blame?.chain} ${blame?.text}`)).toBe(true);
      for (const { from, to } of rectangles)
        for (const row of from)
          for (const column of to) {
            lost++;
            expect([sources[row], destinations[column]].some((end) => unknown.test(end?.name ?? ''))).toBe(true);
          }
    }
  expect(lost).toBe(document.verdicts.dropped);
});

test('one pair by name, and what is no endpoint is refused', () => {
  const fine = reach(example, '--from', 'shop/web-97375646b-9aa71', '--to', 'shop/cart', '--proto', 'tcp');
  expect([fine.status, fine.out.split('\n')[0]]).toEqual([0, 'node-a   2 pairs: 2 delivered']);
  const blocked = reach(example, '--from', 'host', '--to', 'shop/payment');
  expect(blocked.status).toBe(1);
  expect(reach(example, '--to', 'nowhere/nothing').status).toBe(2);
  expect(reach(example, '--proto', 'gre').status).toBe(2);
});

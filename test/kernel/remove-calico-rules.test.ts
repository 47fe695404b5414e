import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const program = new URL('../../bin/faultline', import.meta.url).pathname;
const example = new URL('../../examples/backend-drift', import.meta.url).pathname;

/** In a network namespace of its own, which ends with the script. */
function inNamespace(script: string): string {
  const { status, stdout, stderr } = spawnSync('unshare', ['-n', 'bash', '-euc', script], { encoding: 'utf8', maxBuffer: 1 << 28 });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

test.each([
  { id: 'clear-other-backend', backend: 'legacy' },
  { id: 'interim-clear-stale-rules', backend: 'nft' },
])('$id deletes only rules of Calico, and its undo brings every one back', ({ id, backend }) => {
  const { stdout } = spawnSync(program, ['diagnose', example, '-o', 'json'], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const action = JSON.parse(stdout).actions.find((each: { readonly id: string }) => each.id === id);
  const folder = mkdtempSync(join(tmpdir(), 'faultline-remove-'));
  const script = (name: string, commands: readonly string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, `set -eu\n${commands.join('\n').replaceAll('/var/tmp/', `${folder}/`)}\n`);
    return `sh ${path}`;
  };
  const save = `for p in iptables ip6tables; do $p-${backend}-save -c | grep -v '^#' | sed -E 's/^(:.*) \\[.*/\\1/'; done`;
  const foreign = `grep -vE '^:cali-|-A cali-|-[jg] cali-|"cali:'`;
  const plain = `sed -E 's/^\\[[0-9:]+\\] //'`;
  try {
    const out = inNamespace(`
      ipset restore < ${example}/netfilter/ipset-save
      for p in iptables ip6tables; do $p-${backend}-restore -c < ${example}/netfilter/$p-${backend}-save; done
      iptables-${backend} -A INPUT -s 192.0.2.1 -c 5 300 -j ACCEPT
      ip6tables-${backend} -A FORWARD -s fd00::1 -c 7 420 -j DROP
      (${save}) > ${folder}/before
      ${script('apply', action.commands)}
      (${save}) > ${folder}/after
      ${script('undo', action.undo)}
      (${save}) > ${folder}/undone
      ${foreign} ${folder}/before | diff - ${folder}/after
      diff <(${plain} ${folder}/before | sort) <(${plain} ${folder}/undone | sort)
      diff <(grep -E 'A (INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) ' ${folder}/before | ${plain}) <(grep -E 'A (INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) ' ${folder}/undone | ${plain})
      grep -c 'cali-' ${folder}/before; grep -c cali- ${folder}/after || true`);
    const [before, after] = out.trim().split('\n').map(Number);
    expect(before).toBeGreaterThan(1000);
    expect(after).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

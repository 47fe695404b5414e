import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { oldPods, orderPods } from '../../src/lab/plan.ts';
import { calicoRules } from '../../src/lab/rules/calico.ts';
import { policySet } from '../../src/lab/rules/calico-workloads.ts';
import { restoreInput } from '../../src/lab/rules/section.ts';

const programs = [
  ['ip', 'iptables-nft'],
  ['ip6', 'ip6tables-nft'],
  ['ip', 'iptables-legacy'],
  ['ip6', 'ip6tables-legacy'],
] as const;

const sets = (['ip', 'ip6'] as const).flatMap((family) => {
  const of = family === 'ip' ? 'inet' : 'inet6';
  const prefix = family === 'ip' ? 'cali40' : 'cali60';
  return [
    `create ${prefix}masq-ipam-pools hash:net family ${of}`,
    `create ${prefix}all-ipam-pools hash:net family ${of}`,
    `create ${policySet(family)} hash:ip family ${of}`,
  ];
});

it.each(programs)('the kernel takes every Calico rule of the lab: %s %s', (family, program) => {
  const pods = [...oldPods, ...orderPods];
  const input = restoreInput(calicoRules(family, pods));
  const script = `ipset restore <<'SETS' && ${program}-restore --noflush && ${program}-save\n${sets.join('\n')}\nSETS`;
  const run = spawnSync('unshare', ['--net', 'sh', '-c', script], { input, encoding: 'utf8' });
  expect(run.stderr).toBe('');
  const written = run.stdout.split('\n').filter((line) => line.startsWith('-A '));
  expect(written).toHaveLength(input.split('\n').filter((line) => /^-[AI] /.test(line)).length);
  for (const pod of pods) expect(written.filter((line) => line.includes(`-g cali-fw-${pod.interface}`))).toHaveLength(1);
});

it('threads in pause(2) are real tasks of the kernel', () => {
  const module = new URL('../../src/host/linux/threads.ts', import.meta.url).href;
  const script = `import(${JSON.stringify(module)}).then(({ startThreads }) => {
    const before = Number(require('fs').readFileSync('/proc/self/status', 'utf8').match(/Threads:\\s+(\\d+)/)[1]);
    const result = startThreads(200);
    const after = Number(require('fs').readFileSync('/proc/self/status', 'utf8').match(/Threads:\\s+(\\d+)/)[1]);
    console.log(JSON.stringify({ ...result, grown: after - before }));
    process.exit(0);
  });`;
  expect(JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))).toEqual({ started: 200, errno: 0, grown: 200 });
});

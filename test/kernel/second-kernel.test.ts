import { beforeAll, describe, expect, test } from 'vitest';
import { describeProblem } from '#facts/result.ts';
import { secondKernel } from '../vm/debian-kernel.ts';
import { runInVm, type VmRun } from '../vm/run-in-vm.ts';

async function run(command: readonly string[], timeoutSeconds: number): Promise<VmRun> {
  const result = await runInVm({ command, timeoutSeconds });
  if (!result.ok) throw new Error(describeProblem(result.problem));
  return result.value;
}

describe('the second kernel', () => {
  let sections: ReadonlyMap<string, readonly string[]>;
  const section = (name: string): readonly string[] => sections.get(name) ?? expect.fail(`no section ${name}`);

  beforeAll(async () => {
    const { output, bootSeconds, seconds } = await run(['bash', 'test/kernel/second-kernel/facts.sh'], 120);
    sections = new Map(
      output.split(/^== /m).map((text) => {
        const [name, ...lines] = text.trimEnd().split('\n');
        return [name as string, lines];
      }),
    );
    console.log(`second kernel: ${section('kernel')[0]}, booted in ${bootSeconds} s, ${seconds.toFixed(1)} s in all`);
  }, 180_000);

  test('is the distribution’s', () => {
    expect(section('kernel')).toEqual([secondKernel().release]);
  });

  test('where netfilter is a module, plain save tools load none of legacy and list no tables', () => {
    expect(section('legacy save looks without touching')).toEqual([]);
    expect(section('nft save looks without touching').filter((line) => /ip6?_?tables?_|\/proc|ip6?_tables/.test(line))).toEqual([]);
  });

  test('iptables-legacy-save -t creates the table that it is asked for', () => {
    expect(section('legacy save with a table creates it')).toEqual(['/proc/self/net/ip_tables_names', 'nat', 'iptable_nat']);
  });

  test('a fresh namespace has no legacy tables; iptables-legacy -L creates filter', () => {
    const names = '/proc/self/net/ip_tables_names';
    expect(section('a fresh namespace has no tables until somebody lists them')).toEqual([names, names, 'filter']);
  });

  test('rules of both backends bring their modules, ipset and conntrack too', () => {
    expect(section('both backends and ipset')).toEqual([
      '-A OUTPUT -m set --match-set s dst,dst -m statistic --mode random --probability 0.50000000000 -j MARK --set-xmark 0x1/0xffffffff',
      '-A OUTPUT -p tcp -m conntrack --ctstate NEW -m multiport --dports 1,2 -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff',
      '0',
    ]);
  });

  test('of hooks with equal priority the one registered last runs first', () => {
    expect(section('which hook of equal priority runs first')).toEqual([
      'legacy then a: comment a',
      'a then legacy: legacy',
      'a then b: comment b',
      'b then a: comment a',
    ]);
  });

  test('IPv6 is forwarded by conf.all.forwarding alone, whatever the interfaces say', () => {
    expect(section('which switch lets IPv6 through')).toEqual([
      'all 0 interfaces 0: no',
      'all 0 interfaces 1: no',
      'all 1 interfaces 0: yes',
      'all 1 interfaces 1: yes',
    ]);
  });

  test('has the devices, the nft expressions and the IPVS that a node may have', () => {
    const kinds = ['dummy', 'bridge', 'veth', 'vrf', 'ipip', 'vxlan', 'macvlan', 'vlan', 'wireguard'];
    expect(section('devices')).toEqual([...kinds.map((kind) => `type ${kind}`), '/sys/class/net/tun0']);
    expect(section('what nft can do here')).toEqual(['flowtable: yes', 'queue: yes', 'numgen: yes', 'fib: yes', 'hooks listed: 0']);
    expect(section('ipvs')[0]).toMatch(/^IP Virtual Server/);
  });

  test('pids of cgroup v2 refuses a fork past its limit and counts the refusal', () => {
    const [controllers, ...lines] = section('pids of cgroup v2');
    expect(controllers?.split(' ')).toContain('pids');
    expect(lines.some((line) => /Cannot fork/.test(line))).toBe(true);
    expect(lines).toEqual(expect.arrayContaining(['events:max 1', 'max:5', 'peak:5']));
  });
});

describe('a job on the second kernel', () => {
  test('gives its status, its output and its errors apart', async () => {
    const { status, output, errors } = await run(['sh', '-c', 'echo "$1"; echo no >&2; exit 7', 'sh', "it's $HOME"], 60);
    expect({ status, output, errors }).toEqual({ status: 7, output: "it's $HOME\n", errors: 'no\n' });
  });

  test('sees the host’s files and cannot write them', async () => {
    const { output } = await run(['sh', '-c', 'touch /etc/faultline-vm ./faultline-vm 2>&1; ls package.json'], 60);
    expect(output.match(/Read-only file system/g)).toHaveLength(2);
    expect(output).toMatch(/^package\.json$/m);
  });

  test('that hangs is ended at its deadline, and a kernel that panics ends the machine at once', async () => {
    const start = performance.now();
    const hanging = await runInVm({ command: ['sleep', '1000'], timeoutSeconds: 8 });
    expect(hanging.ok ? hanging.value : hanging.problem.found).toMatch(/^ended after 8 s/);
    const panicking = await runInVm({ command: ['sh', '-c', 'echo c >/proc/sysrq-trigger; sleep 1000'], timeoutSeconds: 60 });
    expect(panicking.ok ? panicking.value : panicking.problem.found).toMatch(/^no exit status.*\n.*Kernel panic/s);
    expect(performance.now() - start).toBeLessThan(40_000);
  });
});

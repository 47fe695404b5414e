import { mkdirSync, writeFileSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { readKernel } from '#host/read-kernel.ts';
import { clusterOf } from './cluster.ts';
import { loadRules, openNode } from './node.ts';
const c = clusterOf(Number(process.argv[2]));
const node = openNode(c);
loadRules(c, { ...process.env, XTABLES_LOCKFILE: '/tmp/k.lock' });
mkdirSync('/tmp/k100/netlink', { recursive: true });
for (const [p, b] of readKernel().files) writeFileSync(`/tmp/k100/${p}`, b);
const names = ['net/ipv4/ip_forward', 'net/netfilter/nf_conntrack_tcp_loose'];
for (const d of ['all', 'default', 'lo', 'eth0', ...c.workloads.map((w) => w.interface)]) for (const n of ['rp_filter','forwarding','accept_local','route_localnet','src_valid_mark']) names.push(`net/ipv4/conf/${d}/${n}`);
for (const n of names) { mkdirSync(`/tmp/k100/sysctl/${n}`.replace(/\/[^/]*$/, ''), { recursive: true }); writeFileSync(`/tmp/k100/sysctl/${n}`, readFileSync(`/proc/sys/${n}`)); }
node.close();

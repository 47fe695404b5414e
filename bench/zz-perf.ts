import { openWalker } from '#engines/packet-walk/index.ts';
import { openSnapshot } from '#snapshots/index.ts';
import { clusterOf } from './cluster.ts';
import { connections } from './connections.ts';
const s = openSnapshot('/tmp/k100'); if (!s.ok) throw new Error(JSON.stringify(s.problem));
const w = openWalker(s.value);
const list = connections(clusterOf(Number(process.argv[2])), 20000, 7);
console.log(JSON.stringify(w.decide(list[0]!.probe)).slice(0, 900));
for (let r = 0; r < Number(process.argv[3] ?? 4); r++) { const t=performance.now(); const c=process.cpuUsage(); let n=0; for (const { probe } of list) n += w.decide(probe).outcomes?.length ?? 1; const u=process.cpuUsage(c); console.log(r, 'wall/s', Math.round(20000e3/(performance.now()-t)), 'cpu/s', Math.round(20000/((u.user)/1e6)), n/20000, Math.round(process.memoryUsage().rss/1e6)); }

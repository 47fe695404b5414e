import type { Snapshot } from '#facts/snapshot.ts';
import { cgroupPids } from './cgroup-pids.ts';
import { connections, neighbours, openFiles } from './kernel-tables.ts';
import type { LimitAnswer } from './limit-row.ts';
import { mapCount } from './map-count.ts';
import { inotifyInstances, inotifyWatches, processFiles, userNamespaces } from './not-captured.ts';
import { processIds } from './process-ids.ts';
import { tasksOfUsers } from './tasks-of-users.ts';
import { threadsMax } from './threads-max.ts';

/** Every kind of limit that Faultline knows; EAGAIN alone has six causes, so all are always computed. */
export const limitTable: readonly { readonly name: string; readonly assess: (snapshot: Snapshot) => LimitAnswer }[] = [
  { name: 'cgroup-pids', assess: cgroupPids },
  { name: 'kernel.pid_max', assess: processIds },
  { name: 'kernel.threads-max', assess: threadsMax },
  { name: 'rlimit-nproc', assess: tasksOfUsers },
  { name: 'rlimit-nofile', assess: processFiles },
  { name: 'vm.max_map_count', assess: mapCount },
  { name: 'fs.file-max', assess: openFiles },
  { name: 'inotify-instances', assess: inotifyInstances },
  { name: 'inotify-watches', assess: inotifyWatches },
  { name: 'user-namespaces', assess: userNamespaces },
  { name: 'nf_conntrack_max', assess: connections },
  { name: 'neighbour-gc_thresh3', assess: neighbours },
];

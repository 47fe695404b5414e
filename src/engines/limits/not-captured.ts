import type { LimitId } from '#facts/limit.ts';
import type { LimitAnswer } from './limit-row.ts';

/*
 * Limits whose use the kernel tells nowhere in one number. Finding it needs a look at every open file of every process, which
 * a capture does not take: they stay questions.
 */

export const processFiles = (): LimitAnswer =>
  open('rlimit-nofile', 'has a process reached RLIMIT_NOFILE?', 'the number of open files of each process (proc/PID/fd)');

export const inotifyInstances = (): LimitAnswer =>
  open('inotify-instances', 'has a user reached fs.inotify.max_user_instances?', 'inotify instances per user (proc/PID/fd)');

export const inotifyWatches = (): LimitAnswer =>
  open('inotify-watches', 'has a user reached fs.inotify.max_user_watches?', 'inotify watches per user (proc/PID/fdinfo)');

export const userNamespaces = (): LimitAnswer =>
  open('user-namespaces', 'has a user reached user.max_*_namespaces?', 'namespaces per user: the kernel shows no count');

function open(id: LimitId, asked: string, missing: string): LimitAnswer {
  return { limits: [], undecided: [{ limit: id, question: asked, missing, routine: true }] };
}

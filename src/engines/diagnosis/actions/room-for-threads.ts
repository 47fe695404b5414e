import type { Action } from '#facts/diagnosis.ts';
import type { LimitUse } from '#facts/limit.ts';
import type { Observations } from '../observations.ts';
import { boundLimits } from '../task-limit.ts';
import { number } from '../words.ts';
import { quoted } from './quoted.ts';

/** PID_MAX_LIMIT of a 64-bit kernel (include/linux/threads.h). */
const pidMaxLimit = 4_194_304;

/** Raises each limit that binds or bound, by half or as far as the kernel allows. */
export function raiseTaskLimit(seen: Observations): readonly Action[] {
  const raised = boundLimits(seen)
    .filter(isTight)
    .flatMap((limit) => {
      const command = raise(seen, limit);
      return command === null ? [] : [{ limit, ...command }];
    });
  if (raised.length === 0) return [];
  const [first] = raised;
  return [
    {
      id: 'raise-task-limit',
      urgency: 'now',
      title: `room for threads: ${first?.limit.subject} ${number(first?.limit.limit ?? 0)} -> ${number(first?.to ?? 0)}`,
      figures: { under: first?.limit.subject ?? '', from: first?.limit.limit ?? 0, to: first?.to ?? 0 },
      commands: raised.map(({ apply }) => apply),
      undo: raised.map(({ undo }) => undo).reverse(),
      risk: 'More threads need more memory: about 32 KiB of kernel memory each. Lasts until the next boot or kubelet start.',
    },
  ];
}

/** A limit that was raised since has room enough: less than two thirds of it in use, now and at its peak. */
function isTight({ limit, use, peak }: LimitUse): boolean {
  return limit !== null && Math.max(use, peak ?? 0) * 1.5 > limit;
}

interface Raise {
  readonly to: number;
  readonly apply: string;
  readonly undo: string;
}

function raise(seen: Observations, { id, subject, limit }: LimitUse): Raise | null {
  if (limit === null) return null;
  if (id === 'cgroup-pids') return raiseCgroup(seen, subject, limit);
  if (id !== 'kernel.pid_max' && id !== 'kernel.threads-max') return null;
  const to = id === 'kernel.pid_max' ? Math.min(pidMaxLimit, Math.max(limit * 2, 131_072)) : limit * 2;
  return { to, apply: `sysctl -w ${id}=${to}`, undo: `sysctl -w ${id}=${limit}` };
}

function raiseCgroup({ snapshot }: Observations, subject: string, limit: number): Raise | null {
  if (snapshot.pids.kind === 'missing') return null;
  const root = snapshot.pids.value.version === 1 ? '/sys/fs/cgroup/pids' : '/sys/fs/cgroup';
  const path = quoted(`${root}/${subject.replace(/^\//, '')}/pids.max`);
  const to = Math.ceil(limit * 1.5);
  return { to, apply: `echo ${to} > ${path}`, undo: `echo ${limit} > ${path}` };
}

/** kubelet writes the limit of kubepods once, at its start, from pid_max (KEP 589; pkg/kubelet/cm). */
export function recomputeKubepods(seen: Observations): readonly Action[] {
  if (!boundLimits(seen).some(({ id, subject }) => id === 'cgroup-pids' && subject.includes('kubepods'))) return [];
  const now = seen.snapshot.sysctls.get('kernel.pid_max')?.value.trim();
  const raised = now === undefined || Number(now) < pidMaxLimit;
  const sysctl = raised
    ? [`sysctl -w kernel.pid_max=${pidMaxLimit}`, `printf 'kernel.pid_max = ${pidMaxLimit}\\n' > /etc/sysctl.d/99-pid-max.conf`]
    : [];
  const back = raised ? ['rm /etc/sysctl.d/99-pid-max.conf', ...(now === undefined ? [] : [`sysctl -w kernel.pid_max=${now}`])] : [];
  return [
    {
      id: 'raise-pid-max-and-restart-kubelet',
      urgency: 'next',
      title: 'make it last: kernel.pid_max, then kubelet computes the limit of kubepods anew',
      figures: raised ? { pidMax: pidMaxLimit } : {},
      commands: [...sysctl, 'systemctl restart kubelet'],
      undo: [...back, 'systemctl restart kubelet'],
      risk: 'Pods keep running through a restart of kubelet. Reserve tasks for the system (systemReserved: pid) so that pods cannot take all.',
    },
  ];
}

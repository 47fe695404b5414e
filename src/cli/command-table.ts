import type { RegisterCommand } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly register: RegisterCommand }>;
}

/** Every command in the order of the help. A command's code is loaded only when it is called. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'diagnose',
    summary: 'why a node or its pod network is broken: verdict, causal chain, findings, actions',
    load: () => import('./commands/diagnose.ts'),
  },
  { name: 'capture', summary: 'write a snapshot of this node', load: () => import('./commands/capture.ts') },
  {
    name: 'walk',
    summary: 'one connection, request and reply, rule by rule through both backends',
    load: () => import('./commands/walk.ts'),
  },
  {
    name: 'reach',
    summary: 'all pods, services, the node and the outside against each other: what is blocked, and by which rule',
    load: () => import('./commands/reach.ts'),
  },
  {
    name: 'backends',
    summary: 'who programs which iptables backend, and what each component would choose now',
    load: () => import('./commands/backends.ts'),
  },
  {
    name: 'limits',
    summary: 'every limit on tasks and files: use, slack, and the one that binds',
    load: () => import('./commands/limits.ts'),
  },
  { name: 'timeline', summary: 'events of all logs and counters in one order', load: () => import('./commands/timeline.ts') },
  { name: 'postmortem', summary: 'the write-up of an incident, in English or Chinese', load: () => import('./commands/postmortem.ts') },
  { name: 'lab', summary: 'make an incident happen on the real kernel, in namespaces of its own', load: () => import('./commands/lab.ts') },
];

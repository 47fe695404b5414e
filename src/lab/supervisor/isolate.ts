import { mkdirSync } from 'node:fs';
import { nodeName } from '../plan.ts';
import { runProgram } from '../run-program.ts';
import { installKubectl } from './kubernetes-objects.ts';

/** Folders of the lab's own in its mount namespace. /run is shared with the node below, so that it sees pods' namespaces. */
export function isolateFolders(): void {
  runProgram('hostname', [nodeName]);
  runProgram('mount', ['-t', 'tmpfs', 'lab-run', '/run']);
  runProgram('mount', ['--make-shared', '/run']);
  for (const folder of ['/run/netns', '/run/lock', '/run/lab']) mkdirSync(folder, { recursive: true });
  runProgram('cp', ['-a', '/etc', '/run/lab/etc']);
  runProgram('mount', ['--bind', '/run/lab/etc', '/etc']);
  runProgram('mount', ['-t', 'tmpfs', 'lab-log', '/var/log']);
  installKubectl();
}

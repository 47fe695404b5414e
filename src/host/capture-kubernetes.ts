import { existsSync } from 'node:fs';
import type { Capture } from './capture-context.ts';
import { runCommand } from './run-command.ts';

const kubeconfigs = ['/etc/kubernetes/admin.conf', '/etc/kubernetes/kubelet.conf', '/var/lib/kubelet/kubeconfig'];

interface Resource {
  readonly file: string;
  readonly args: readonly string[];
  /** A cluster may not know the resource at all. */
  readonly optional?: true;
}

const resources = (node: string): readonly Resource[] => [
  { file: 'nodes', args: ['nodes', node] },
  { file: 'pods', args: ['pods', '-A', '--field-selector', `spec.nodeName=${node}`] },
  { file: 'services', args: ['services', '-A'] },
  { file: 'events', args: ['events', '-A', '--field-selector', 'type=Warning'] },
  { file: 'daemonsets', args: ['daemonsets', '-A'] },
  { file: 'felixconfigurations', args: ['felixconfigurations.crd.projectcalico.org'], optional: true },
];

/** Kubernetes' view of this node by kubectl, with the node's own kubeconfig. */
export function captureKubernetes(capture: Capture, node: string): void {
  const config = process.env['KUBECONFIG'] ?? kubeconfigs.find((path) => existsSync(`${capture.root}${path}`));
  let nodeKnown = false;
  for (const { file, args, optional } of resources(node)) {
    const path = `kubernetes/${file}.json`;
    if (!capture.exec || config === undefined) {
      capture.record.lacks(
        path,
        capture.exec ? `no kubeconfig (KUBECONFIG, ${kubeconfigs.join(', ')})` : 'commands are not run (--no-exec)',
      );
      continue;
    }
    const call = ['--kubeconfig', config, 'get', ...args, '-o', 'json', '--request-timeout=5s'];
    const output = runCommand('kubectl', call, { timeout: 8000, maxBytes: 256 * 1024 * 1024 });
    if (file === 'nodes') nodeKnown = output.ok;
    // A node of another name has no pods, and kubectl calls that a success.
    if (file === 'pods' && !nodeKnown) capture.record.lacks(path, `the API server was not seen to know a node '${node}', this host's name`);
    else if (output.ok) capture.record.write(path, output.stdout, `kubectl ${call.join(' ')}`);
    else if (optional !== true || !output.because.includes("doesn't have a resource type")) capture.record.lacks(path, output.because);
  }
}

import { describe, expect, it } from 'vitest';
import { formatAddress } from '#facts/address.ts';
import { openSource } from './source.ts';
import { readProbe } from './walk-probe.ts';

describe('readProbe', () => {
  const snapshot = openSource('examples/backend-drift');

  // kubelet's KUBE-FIREWALL drops what goes to 127.0.0.0/8 from elsewhere: a wrong source would be a wrong verdict.
  it.each([
    ['127.0.0.1:10250', '127.0.0.1'],
    ['[::1]:10250', '::1'],
    ['10.0.10.11:10250', '10.0.10.11'],
    ['10.244.1.200:8080', '10.0.10.11'],
  ])('sends from host to %s as the kernel would, from %s', (to, from) => {
    expect(formatAddress(readProbe({ from: 'host', to }, snapshot).from)).toBe(from);
  });

  it('does not send from the port that a pod listens on', () => {
    const { pods } = snapshot;
    const pod = pods.kind === 'read' ? pods.value.find(({ ports }) => ports.length > 0) : undefined;
    if (pod === undefined) throw new Error('no pod with a port');
    const from = `${pod.namespace}/${pod.name}`;
    const port = pod.ports[0]?.port ?? null;
    expect(readProbe({ from, to: '10.244.1.200:80' }, snapshot).fromPort).toBe(40_000);
    expect(readProbe({ from: `${from}:5000`, to: '10.244.1.200:80' }, snapshot).fromPort).toBe(5000);
    expect(readProbe({ from, to: 'outside' }, snapshot).protocol).toBe(1);
    expect(readProbe({ from: 'host', to: from }, snapshot).toPort).toBe(port);
  });
});

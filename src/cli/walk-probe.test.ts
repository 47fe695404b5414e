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
});

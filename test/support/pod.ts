import type { Pod } from '#facts/kubernetes.ts';

const at = { source: 'kubernetes/pods.json', line: 1 };

/** A running pod of which nothing is known but what is given. */
export function podOf(given: Pick<Pod, 'namespace' | 'name' | 'addresses'> & Partial<Pod>): Pod {
  return {
    uid: given.name,
    node: 'node-a',
    phase: 'Running',
    hostNetwork: false,
    labels: {},
    owner: null,
    createdAt: null,
    startedAt: null,
    deletedAt: null,
    restarts: 0,
    ready: true,
    environment: new Map(),
    images: [],
    ports: [],
    at,
    text: '{',
    ...given,
  };
}

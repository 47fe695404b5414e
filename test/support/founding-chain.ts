/** The founding incident, from the threads to the packets. */
export const foundingChain: readonly string[] = [
  'thread-storm',
  'pids-limit-reached',
  'component-restarts',
  'backend-misdetected',
  'backend-locked-in',
  'stale-rules',
  'unknown-interface-drop',
  'pod-traffic-dropped',
];

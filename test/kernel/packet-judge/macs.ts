/** Addresses of frames: what the node has itself, and who is behind a tap. */
export const macs = {
  tapC: '02:00:00:00:03:01',
  br0: '02:00:00:00:04:01',
  behindC: '02:00:00:00:0c:05',
  behindD: '02:00:00:00:0d:06',
} as const;

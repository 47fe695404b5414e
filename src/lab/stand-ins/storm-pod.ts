import { writeSync } from 'node:fs';
import { startThreads } from '#host/linux/threads.ts';
import { servePeer } from '../peer.ts';

/** A workload of the batch update: it grows to `wanted` threads, and tries again for what the kernel refuses. */
let threads = 0;
let wanted = 0;
let refused = false;

function grow(): void {
  const { started, errno } = startThreads(Math.min(20, wanted - threads));
  threads += started;
  if (errno !== 0 && !refused) {
    refused = true;
    writeSync(2, `orders: worker ${threads + 1} of ${wanted}: pthread_create failed: Resource temporarily unavailable\n`);
  }
  if (threads < wanted) setTimeout(grow, errno === 0 ? 20 : 100);
}

servePeer({
  grow: (count: number) => {
    wanted = count;
    grow();
  },
  state: () => ({ threads, refused }),
});

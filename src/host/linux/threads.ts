import koffi from 'koffi';
import { libc } from './libc.ts';

const attrInit = libc.func('int pthread_attr_init(void *attr)');
const attrSetStack = libc.func('int pthread_attr_setstacksize(void *attr, size_t size)');
const create = libc.func('int pthread_create(_Out_ uintptr_t *thread, void *attr, void *start, void *argument)');
const abort = libc.func('void abort(void)');
const pause = libc.symbol('pause', 'void');

const attr = Buffer.alloc(64);
attrInit(attr);
attrSetStack(attr, 64 * 1024);

/**
 * Starts up to `count` threads of this process that sleep in pause(2) until the process ends; a thread costs one kernel task and
 * 8 KiB. `errno` is 0, or why the next one was refused (EAGAIN is 11).
 */
export function startThreads(count: number): { readonly started: number; readonly errno: number } {
  for (let started = 0; started < count; started++) {
    const errno: number = create([0], attr, koffi.address(pause), null);
    if (errno !== 0) return { started, errno };
  }
  return { started: count, errno: 0 };
}

/** Ends this process by abort(3), as a C program does: SIGABRT, no JavaScript cleanup. */
export function abortProcess(): never {
  abort();
  throw new Error('abort(3) returned');
}
